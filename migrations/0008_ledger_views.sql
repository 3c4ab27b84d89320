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

-- The checks of the nightly proof (ledger.md, section 12), and every break of them. They read the
-- tables and share nothing with the functions that write them.
create view ledger.proof_check_view as
select name, question from (values
  ('zero_sum', 'every journal sums to zero in each currency'),
  ('journal_lines', 'every journal has at least two lines, none of them twice on an account'),
  ('scope', 'every line has the platform, mode, currency and transaction of its journal'),
  ('balances', 'every tracked balance is the sum of its postings, on the terms of the chart'),
  ('versions', 'versions of a ledger account run from 1, and each follows from the one before'),
  ('floors', 'no ledger account ever passed its floor'),
  ('checkpoints', 'every checkpoint is the sum of what stood below it'),
  ('open_items', 'every open item has a reference and none is overdrawn'),
  ('reversals', 'every reversal is the exact opposite of a journal that is none'),
  ('trial_balance', 'all balances of a currency sum to zero'),
  ('safeguarding', 'client money at providers and banks covers what is owed to clients (live)'),
  ('transaction_ids', 'the cluster gives out later transaction ids than those in the books')
) as checks (name, question);

create view ledger.proof_break_view as
select 'zero_sum' as name, j.platform_id, j.livemode,
       format('journal %s: %s %s', j.key, sum(p.amount), p.currency) as detail
  from ledger.journals j join ledger.postings p on p.journal_id = j.id
 group by j.id, p.currency having sum(p.amount) <> 0
union all
select 'journal_lines', j.platform_id, j.livemode,
       format('journal %s: %s lines, %s ledger accounts', j.key, count(p.line),
              count(distinct p.account_id))
  from ledger.journals j left join ledger.postings p on p.journal_id = j.id
 group by j.id having count(p.line) < 2 or count(p.line) <> count(distinct p.account_id)
union all
select 'scope', a.platform_id, a.livemode,
       format('line %s of journal %s on %s', p.line, coalesce(j.key, p.journal_id::text), a.code)
  from ledger.postings p
  join ledger.accounts a on a.id = p.account_id
  left join ledger.journals j on j.id = p.journal_id
 where (a.platform_id, a.livemode, a.currency, p.xid)
       is distinct from (j.platform_id, j.livemode, p.currency, j.xid)
union all
select 'balances', a.platform_id, a.livemode,
       format('%s %s: balance %s, postings %s', a.code, a.currency, b.amount, coalesce(p.total, 0))
  from ledger.accounts a
  join ledger.chart c on c.kind = a.kind
  left join ledger.balances b on b.account_id = a.id
  left join (select account_id, sum(amount) as total, count(*) as lines, count(version) as counted
               from ledger.postings group by account_id) p on p.account_id = a.id
 where a.tracked <> (c.mode = 'tracked') or a.tracked <> (b.account_id is not null)
    or (a.tracked and (b.amount <> coalesce(p.total, 0) or b.version <> coalesce(p.lines, 0)
                       or b.side <> c.side or b.floor is distinct from c.floor))
    or coalesce(p.counted, 0) <> case when a.tracked then coalesce(p.lines, 0) else 0 end
union all
select 'versions', a.platform_id, a.livemode,
       format('%s %s: version %s', a.code, a.currency, p.version)
  from (select account_id, version, amount, balance_after,
               row_number() over account_history as n,
               lag(balance_after, 1, 0::bigint) over account_history as before
          from ledger.postings where version is not null
        window account_history as (partition by account_id order by version)) p
  join ledger.accounts a on a.id = p.account_id
 where p.version <> p.n or p.balance_after is distinct from p.before + p.amount
union all
select 'floors', a.platform_id, a.livemode,
       format('%s %s: %s at version %s', a.code, a.currency, p.balance_after, p.version)
  from ledger.postings p
  join ledger.accounts a on a.id = p.account_id
  join ledger.chart c on c.kind = a.kind
 where c.side * p.balance_after < c.floor
union all
select 'checkpoints', a.platform_id, a.livemode,
       format('%s %s below %s', a.code, a.currency, k.horizon)
  from (select account_id, horizon, amount, count,
               lag(horizon, 1, '0'::xid8) over account_history as horizon_before,
               lag(amount, 1, 0::numeric) over account_history as amount_before,
               lag(count, 1, 0::bigint) over account_history as count_before
          from ledger.checkpoints
        window account_history as (partition by account_id order by horizon)) k
  join ledger.accounts a on a.id = k.account_id
  cross join lateral (
    select coalesce(sum(p.amount), 0) as amount, count(*) as count from ledger.postings p
     where p.account_id = k.account_id and p.version is null
       and p.xid >= k.horizon_before and p.xid < k.horizon) t
 where k.amount <> k.amount_before + t.amount or k.count <> k.count_before + t.count
union all
select 'open_items', a.platform_id, a.livemode,
       format('%s %s: %s %s', a.code, a.currency, coalesce(p.ref, 'no reference'), sum(p.amount))
  from ledger.postings p
  join ledger.accounts a on a.id = p.account_id
  join ledger.chart c on c.kind = a.kind
 where c.open_item
 group by a.id, c.side, p.ref having p.ref is null or c.side * sum(p.amount) < 0
union all
select distinct 'reversals', r.platform_id, r.livemode, format('journal %s', r.key)
  from ledger.journals r
  join ledger.journals j on j.id = r.reverses_id
  left join lateral (
    select p.account_id, p.currency, p.ref from ledger.postings p
     where p.journal_id in (r.id, j.id)
     group by p.account_id, p.currency, p.ref having sum(p.amount) <> 0 limit 1) odd on true
 where odd.account_id is not null or j.reverses_id is not null or j.id >= r.id
union all
select 'trial_balance', v.platform_id, v.livemode, format('%s %s', sum(v.amount), v.currency)
  from ledger.account_view v
 group by v.platform_id, v.livemode, v.currency having sum(v.amount) <> 0
union all
select 'safeguarding', v.platform_id, v.livemode,
       format('short of %s %s', -sum(v.amount), v.currency)
  from ledger.account_view v
 where v.client is not null and v.livemode
 group by v.platform_id, v.livemode, v.currency having sum(v.amount) < 0
union all
select 'transaction_ids', j.platform_id, j.livemode, format('journal %s has %s', j.key, j.xid)
  from ledger.journals j where j.xid >= pg_snapshot_xmax(pg_current_snapshot());
