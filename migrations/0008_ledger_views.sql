-- What everybody reads of the ledger. The tables beneath may change; a view shows all platforms,
-- so each query names its scope. Amounts stay signed, debit positive.

create view ledger.currency_view as
select code, numeric_code, exponent, part, list_date from ledger.currencies;

create view ledger.chart_view as
select kind, code, side, floor, mode, open_item, client from ledger.chart;

-- A ledger account with its balance: of its row, or newest checkpoint and what came since, in
-- one statement and so on one snapshot (ledger.md, section 7).
create view ledger.account_view as
select a.id, a.platform_id, a.livemode, a.code, a.currency, a.kind, c.side, c.floor, c.client,
       c.open_item, a.tracked, coalesce(b.status, a.status) as status, a.owner, a.opened_at,
       coalesce(b.version, 0) as version,
       case when a.tracked then b.amount
            else (coalesce(k.amount, 0) + coalesce(t.amount, 0))::bigint end as amount
  from ledger.accounts a
  join ledger.chart c on c.kind = a.kind
  left join ledger.balances b on b.account_id = a.id
  left join lateral (
    select k.amount, k.horizon from ledger.checkpoints k
     where k.account_id = a.id and not a.tracked order by k.horizon desc limit 1
  ) k on true
  left join lateral (
    select sum(p.amount) as amount from ledger.postings p
     where p.account_id = a.id and p.version is null and not a.tracked
       and p.xid >= coalesce(k.horizon, '0'::xid8)
  ) t on true;

create view ledger.journal_view as
select j.id, j.key, j.type, j.platform_id, j.livemode, j.effective_at, j.asked_at, j.created_at,
       j.xid, r.key as reverses, j.terminal, j.subject, j.meta
  from ledger.journals j left join ledger.journals r on r.id = j.reverses_id;

create view ledger.posting_view as
select p.journal_id, p.line, p.account_id, p.currency, p.amount, p.balance_after, p.version,
       p.ref, p.xid, p.posted_at, a.platform_id, a.livemode, a.code, a.kind, c.side
  from ledger.postings p
  join ledger.accounts a on a.id = p.account_id
  join ledger.chart c on c.kind = a.kind;

create view ledger.checkpoint_view as
select account_id, horizon, amount, count, taken_at from ledger.checkpoints;

create view ledger.proof_view as
select id, platform_id, livemode, taken_at, ok, result, first_break from ledger.proofs;
