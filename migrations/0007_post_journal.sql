-- The only writer of the books (ledger.md, section 4). One call is one round trip and posts one
-- or more journals, all or none.
--
--   p_platform, p_livemode            scope
--   a_code, a_kind, a_currency        every ledger account of the call once, ascending by
--                                     (code, currency) in collation "C"
--   j_*                               the journals, in the order in which they are posted;
--                                     j_needs: the keys that must exist, parted by one blank
--   l_journal, l_account              1 … n, ascending; and the index of the ledger account,
--                                     ascending within a journal
--   l_amount, l_ref, l_rest           debit positive; open item; index of the line (of all lines
--                                     of the call) that takes the shortfall, null = exact
-- j_needs, j_terminal, j_reverses, j_meta, l_ref and l_rest may be null where there are none.
--
-- Refusals are SQLSTATEs with JSON in DETAIL:
--   LJ001 malformed, unbalanced, unsorted, out of range      LJ006 needed or reversed journal
--   LJ002 key used for another request                             missing or not matching
--   LJ003 unknown kind or currency, code of another kind     LJ007 terminal or reversal taken
--   LJ004 insufficient funds   LJ005 frozen or closed        LJ008 isolation, second call

-- The shape of a call, without a look at any table: true, or LJ001. That journals are balanced is
-- left to the trigger on postings, which tests it for everybody. Few and small expressions: each
-- is prepared anew in every transaction, which costs more than to evaluate it.
create function ledger.check_shape(
  a_code text[], a_kind text[], a_currency text[],
  j_key text[], j_hash bytea[], j_type text[], j_at timestamptz[], j_subject text[],
  l_journal int[], l_account int[], l_amount bigint[], l_rest int[], amount_min int
) returns boolean language plpgsql immutable as $$
declare
  accounts_max constant int := cardinality(a_code);
  journals_max constant int := cardinality(j_key);
  lines_max constant int := cardinality(l_journal);
begin
  if (accounts_max between 2 and 1000 and lines_max between 2 and 1000
      and cardinality(a_kind) = accounts_max and cardinality(a_currency) = accounts_max
      and cardinality(j_hash) = journals_max and cardinality(j_type) = journals_max
      and cardinality(j_at) = journals_max and cardinality(j_subject) = journals_max
      and cardinality(l_account) = lines_max and cardinality(l_amount) = lines_max
      and coalesce(cardinality(l_rest), lines_max) = lines_max
      and l_journal[1] = 1 and l_journal[lines_max] = journals_max) is not true then
    raise exception 'the arrays of the call do not fit together' using errcode = 'LJ001';
  end if;
  for i in 2 .. accounts_max loop
    if ((a_code[i - 1] collate "C", a_currency[i - 1] collate "C")
        < (a_code[i] collate "C", a_currency[i] collate "C")) is not true then
      raise exception 'the ledger accounts are not ascending and distinct'
        using errcode = 'LJ001', detail = json_build_object('code', a_code[i]);
    end if;
  end loop;
  -- A line goes on with its journal at a later ledger account, or begins the next journal.
  for l in 1 .. lines_max loop
    if (l_account[l] between 1 and accounts_max
        and abs(l_amount[l]) between amount_min and 9007199254740991
        and case l_journal[l] - l_journal[l - 1]
              when 0 then l_account[l] > l_account[l - 1] when 1 then true else l = 1 end
       ) is not true then
      raise exception 'line % is unsorted, doubled, without an amount or out of range', l
        using errcode = 'LJ001';
    end if;
  end loop;
  return true;
end
$$;

create function ledger.post_journal(
  p_platform text, p_livemode boolean,
  a_code text[], a_kind text[], a_currency text[],
  j_key text[], j_hash bytea[], j_type text[], j_at timestamptz[], j_subject text[],
  j_needs text[], j_terminal text[], j_reverses text[], j_meta jsonb[],
  l_journal int[], l_account int[], l_amount bigint[], l_ref text[], l_rest int[]
) returns table (key text, journal_id bigint, created boolean)
language plpgsql security definer
set search_path = ledger, pg_temp
-- A plan made while the tables were small would be kept while they grow.
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  journals_max constant int := cardinality(j_key);
  has_rest constant boolean := coalesce(array_remove(l_rest, null) <> '{}', false);
  amounts bigint[] := l_amount;
  ids bigint[];
  replayed int := 0;
  reversed bigint;
  before record;
  a int;
  line_code text;
  line_kind text;
  line_currency text;
  line_amount bigint;
  account bigint;
  after bigint;
  version bigint;
  posted_now timestamptz;
  -- What each line has found out.
  accounts bigint[];
  afters bigint[];
  versions bigint[];
  done boolean;
begin
  -- 1. Every decision is made on a row locked by the statement that changes it, which is only
  --    true under READ COMMITTED; and two calls in one transaction would break the lock order.
  if current_setting('transaction_isolation') <> 'read committed'
     or current_setting('ledger.posted', true) = 'yes' then
    raise exception 'post_journal needs READ COMMITTED, and one call for all journals'
      using errcode = 'LJ008';
  end if;
  -- 2. Shape.
  done := check_shape(a_code, a_kind, a_currency, j_key, j_hash, j_type, j_at, j_subject,
                      l_journal, l_account, l_amount, l_rest, case when has_rest then 0 else 1 end)
      and set_config('ledger.posted', 'yes', true) = 'yes';

  -- 3. Keys.
  for j in 1 .. journals_max loop
    reversed := null;
    if j_reverses[j] is not null then
      select t.id into reversed from journals t where t.key = j_reverses[j];
      if not found then
        raise exception 'no journal % to reverse', j_reverses[j] using errcode = 'LJ006';
      end if;
    end if;
    insert into journals (key, req_hash, type, platform_id, livemode, effective_at, asked_at,
                          subject, reverses_id, terminal, meta)
    values (j_key[j], j_hash[j], j_type[j], p_platform, p_livemode, j_at[j], j_at[j],
            j_subject[j], reversed, j_terminal[j], j_meta[j])
    on conflict do nothing returning id into account;
    if found then
      ids[j] := account;
      if j_needs[j] is not null then
        perform check_needs(p_platform, p_livemode, account, string_to_array(j_needs[j], ' '));
      end if;
      if reversed is not null then
        perform check_reversal(p_platform, p_livemode, reversed, j, a_code, a_currency,
                               l_journal, l_account, l_amount, l_ref, l_rest);
      end if;
    else
      select t.id, t.req_hash = j_hash[j] and t.platform_id = p_platform
                   and t.livemode = p_livemode as same
        into before from journals t where t.key = j_key[j];
      if not found then
        raise exception 'journal %: its terminal or its reversal is taken', j_key[j]
          using errcode = 'LJ007';
      end if;
      if not before.same then
        raise exception 'the key % was used for another request', j_key[j]
          using errcode = 'LJ002', detail = json_build_object('key', j_key[j]);
      end if;
      ids[j] := before.id;
      replayed := replayed + 1;
    end if;
  end loop;
  if replayed = journals_max then
    return query select k.key, k.id, false from unnest(j_key, ids) as k(key, id);
    return;
  end if;
  if replayed > 0 then
    raise exception 'a call of several journals was partly posted before' using errcode = 'LJ002';
  end if;

  -- 5. One exact journal locks in the given order while it is posted; anything else locks first.
  --    (Step 4, the last closed day, comes with the closing of days.)
  if journals_max > 1 or has_rest then
    perform lock_accounts(p_platform, p_livemode, a_code, a_kind, a_currency);
  end if;

  for l in 1 .. cardinality(l_journal) loop
    -- 6. What each `rest` line takes, after the journals before this one.
    if has_rest and l_journal[l] is distinct from l_journal[l - 1] then
      amounts := apply_rest(p_platform, p_livemode, a_code, a_currency, l_account, amounts, l_rest,
                            l, l + cardinality(array_positions(l_journal, l_journal[l])) - 1);
    end if;
    line_amount := amounts[l];
    if line_amount = 0 then
      accounts[l] := null; -- a gap at the start would shift the arrays
      afters[l] := null;
      versions[l] := null;
      continue;
    end if;

    -- 7. Balances. What does not fit the common case is opened, judged and posted by post_line.
    a := l_account[l];
    line_code := a_code[a];
    line_kind := a_kind[a];
    line_currency := a_currency[a];
    update balances b set amount = b.amount + line_amount, version = b.version + 1
      from accounts t
     where t.platform_id = p_platform and t.livemode = p_livemode
       and t.code = line_code and t.currency = line_currency
       and t.kind = line_kind and b.account_id = t.id and b.status = 'open'
       and b.side * (b.amount + line_amount) between b.floor and 9007199254740991
    returning b.account_id, b.amount, b.version into account, after, version;
    if not found then
      select l.account, l.after, l.version into account, after, version
        from post_line(p_platform, p_livemode, line_code, line_kind, line_currency,
                       line_amount) l;
    end if;
    accounts[l] := account;
    afters[l] := after;
    versions[l] := version;
  end loop;

  -- 8. All postings at once, dated while the locks are held.
  posted_now := clock_timestamp();
  insert into postings (journal_id, line, account_id, currency, amount, balance_after, version,
                        ref, posted_at)
  select ids[u.journal], u.l - array_position(l_journal, u.journal) + 1, u.id,
         a_currency[u.account], u.amount, u.after, u.version, u.ref, posted_now
    from unnest(l_journal, l_account, amounts, l_ref, accounts, afters, versions)
         with ordinality as u(journal, account, amount, ref, id, after, version, l)
   where u.amount <> 0;
  return query select k.key, k.id, true from unnest(j_key, ids) as k(key, id);
end
$$;
