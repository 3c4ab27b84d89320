-- What the keeper of the books may do, and who may do what in the schema ledger (ledger.md,
-- sections 3 and 7). None of these functions can write an amount of a journal, a posting or a
-- balance.

-- Opens, freezes or closes a ledger account. The balance row changes in the same statement,
-- because only that row is locked by a posting.
create function ledger.set_account_status(
  p_platform text, p_livemode boolean, p_code text, p_currency text,
  p_status ledger.account_status
) returns void
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  with changed as (
    update accounts set status = p_status
     where platform_id = p_platform and livemode = p_livemode
       and code = p_code and currency = p_currency
    returning id
  ), locked as (
    update balances b set status = p_status from changed c where b.account_id = c.id
  )
  select id from changed into p_code;
  if p_code is null then
    raise exception 'no such ledger account' using errcode = 'LJ003';
  end if;
end
$$;

-- Takes a checkpoint of every accumulate ledger account with at least so many postings since its
-- last one; returns how many. Below the horizon no transaction is open any more, so nothing can
-- come in behind a checkpoint. Never by journal id: ids commit out of order.
create function ledger.take_checkpoint(p_tail_min bigint default 1) returns bigint
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
  limit_id constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  taken bigint;
begin
  insert into checkpoints (account_id, horizon, amount, count)
  select a.id, limit_id, coalesce(k.amount, 0) + t.amount, coalesce(k.count, 0) + t.count
    from accounts a
    left join lateral (
      select c.horizon, c.amount, c.count from checkpoints c
       where c.account_id = a.id order by c.horizon desc limit 1) k on true
    cross join lateral (
      select sum(p.amount) as amount, count(*) as count from postings p
       where p.account_id = a.id and p.version is null
         and p.xid >= coalesce(k.horizon, '0'::xid8) and p.xid < limit_id) t
   where not a.tracked and t.count >= greatest(p_tail_min, 1)
  on conflict do nothing;
  get diagnostics taken = row_count;
  return taken;
end
$$;

-- Runs the proof for one platform and mode, or for all (null), and writes one row about it.
create function ledger.prove(p_platform text default null, p_livemode boolean default null)
returns table (id bigint, ok boolean, first_break text)
language sql security definer set search_path = ledger, pg_temp as $$
  insert into proofs (platform_id, livemode, ok, result, first_break)
  select p_platform, p_livemode, count(*) filter (where breaks > 0) = 0,
         jsonb_object_agg(name, breaks),
         min(name || ': ' || detail) filter (where breaks > 0)
    from (
      select c.name, count(b.detail) as breaks, min(b.detail) as detail
        from proof_check_view c
        left join (select * from proof_break_view v
                    where (p_platform is null or v.platform_id = p_platform)
                      and (p_livemode is null or v.livemode = p_livemode)) b on b.name = c.name
       group by c.name
    ) checks
  returning proofs.id, proofs.ok, proofs.first_break
$$;

-- Tables are the owner's alone: the application posts through one function and reads views.
grant usage on schema ledger to holdfast_app, holdfast_keeper, holdfast_auditor;
grant usage on schema holdfast to holdfast_app, holdfast_keeper, holdfast_auditor;
grant usage on schema sandbox to holdfast_sandbox;

grant execute on function ledger.post_journal(
  text, boolean, text[], text[], text[], text[], bytea[], text[], timestamptz[], text[],
  text[], text[], text[], jsonb[], int[], int[], bigint[], text[], int[]) to holdfast_app;
grant execute on function
  ledger.set_account_status(text, boolean, text, text, ledger.account_status),
  ledger.take_checkpoint(bigint), ledger.prove(text, boolean) to holdfast_keeper;

grant select on ledger.currency_view, ledger.chart_view, ledger.account_view,
  ledger.journal_view, ledger.posting_view, ledger.checkpoint_view, ledger.proof_view,
  ledger.proof_check_view, ledger.proof_break_view to holdfast_app, holdfast_keeper;

-- The auditor reads everything, also what later migrations bring.
grant select on all tables in schema ledger to holdfast_auditor;
alter default privileges for role holdfast_owner in schema ledger, holdfast
  grant select on tables to holdfast_auditor;
