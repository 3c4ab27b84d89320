-- What the ledger refuses by itself, whoever asks: edits of what is written, and journals that
-- do not sum to zero (ledger.md, section 3).

create function ledger.deny_change() returns trigger language plpgsql as $$
begin
  raise exception '% on ledger.% is refused: what is written stays; post a reversal',
    tg_op, tg_table_name using errcode = 'LJ010';
end
$$;

create trigger deny_change before update or delete or truncate on ledger.journals
  for each statement execute function ledger.deny_change();
create trigger deny_change before update or delete or truncate on ledger.postings
  for each statement execute function ledger.deny_change();
create trigger deny_change before update or delete or truncate on ledger.checkpoints
  for each statement execute function ledger.deny_change();
create trigger deny_change before update or delete or truncate on ledger.proofs
  for each statement execute function ledger.deny_change();

-- A ledger account stays for ever and stays what it is; only its status changes.
create trigger deny_removal before delete or truncate on ledger.accounts
  for each statement execute function ledger.deny_change();
create trigger deny_change
  before update of id, platform_id, livemode, code, currency, kind, tracked, owner
  on ledger.accounts for each statement execute function ledger.deny_change();
create trigger deny_removal before delete or truncate on ledger.balances
  for each statement execute function ledger.deny_change();
create trigger deny_change before update of account_id, side, floor on ledger.balances
  for each statement execute function ledger.deny_change();
create trigger deny_change
  before delete or truncate or update of code, numeric_code, exponent, part, chain_decimals
  on ledger.currencies for each statement execute function ledger.deny_change();
create trigger deny_change
  before delete or truncate or update of kind, code, side, floor, mode, open_item
  on ledger.chart for each statement execute function ledger.deny_change();

-- Each statement brings whole journals of its own transaction, and each of them is balanced.
create function ledger.check_zero_sum() returns trigger language plpgsql as $$
declare
  broken_journal bigint;
  broken_currency text;
  total numeric;
begin
  select i.journal_id, i.currency, sum(i.amount) into broken_journal, broken_currency, total
    from inserted i
   group by i.journal_id, i.currency
  having sum(i.amount) <> 0
      or (select j.xid from ledger.journals j where j.id = i.journal_id)
         is distinct from pg_current_xact_id();
  if not found then return null; end if;
  if total = 0 then
    raise exception 'journal % belongs to an earlier transaction', broken_journal
      using errcode = 'LJ010';
  end if;
  raise exception 'journal % does not sum to zero in %: %', broken_journal, broken_currency, total
    using errcode = 'LJ001';
end
$$;

create trigger zero_sum after insert on ledger.postings referencing new table as inserted
  for each statement execute function ledger.check_zero_sum();
