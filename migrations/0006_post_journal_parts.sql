-- The seldom used parts of post_journal, apart so that the common road stays short. All of them
-- run inside it, as the owner; nobody else may execute them.

-- Opens a ledger account from its row of the chart. Somebody else doing it first is as good.
create function ledger.open_account(
  p_platform text, p_livemode boolean, p_code text, p_kind text, p_currency text
) returns void language plpgsql as $$
declare
  sort ledger.chart;
  shape text;
  opened bigint;
begin
  select * into sort from ledger.chart c where c.kind = p_kind;
  if not found then
    raise exception 'unknown kind of ledger account: %', p_kind
      using errcode = 'LJ003', detail = json_build_object('code', p_code, 'kind', p_kind);
  end if;
  if not exists (select from ledger.currencies c where c.code = p_currency) then
    raise exception 'unknown currency: %', p_currency
      using errcode = 'LJ003', detail = json_build_object('code', p_code, 'currency', p_currency);
  end if;
  -- The first group is the owner; a kind without a placeholder has none.
  shape := '^' || regexp_replace(sort.code, '\{[a-z]+\}', '([A-Za-z0-9_.-]+)', 'g') || '$';
  if p_code !~ shape then
    raise exception 'the code % is none of kind %', p_code, p_kind
      using errcode = 'LJ003', detail = json_build_object('code', p_code, 'kind', p_kind);
  end if;

  insert into ledger.accounts (platform_id, livemode, code, currency, kind, tracked, owner)
  values (p_platform, p_livemode, p_code, p_currency, p_kind, sort.mode = 'tracked',
          case when sort.code like '%{%' then substring(p_code from shape) end)
  on conflict do nothing returning id into opened;
  if opened is not null and sort.mode = 'tracked' then
    insert into ledger.balances (account_id, side, floor) values (opened, sort.side, sort.floor);
  end if;
end
$$;

-- Opens what is missing and locks every balance row of the call, in the order given. Opening and
-- locking go hand in hand: a call that opened a late account before it locked an early one could
-- wait for a call that holds the early one and waits for the late.
create function ledger.lock_accounts(
  p_platform text, p_livemode boolean, a_code text[], a_kind text[], a_currency text[]
) returns void language plpgsql as $$
begin
  for i in 1 .. cardinality(a_code) loop
    perform from ledger.accounts a join ledger.balances b on b.account_id = a.id
      where a.platform_id = p_platform and a.livemode = p_livemode
        and a.code = a_code[i] and a.currency = a_currency[i]
      for no key update of b;
    continue when found;
    perform from ledger.accounts a
      where a.platform_id = p_platform and a.livemode = p_livemode
        and a.code = a_code[i] and a.currency = a_currency[i];
    continue when found;
    perform ledger.open_account(p_platform, p_livemode, a_code[i], a_kind[i], a_currency[i]);
    -- Opened by another call in between: lock that row too.
    perform from ledger.accounts a join ledger.balances b on b.account_id = a.id
      where a.platform_id = p_platform and a.livemode = p_livemode
        and a.code = a_code[i] and a.currency = a_currency[i]
      for no key update of b;
  end loop;
end
$$;

-- The amounts of one journal's lines after each `rest` line took what lies above its floor and
-- left the shortfall to the line it names. A line waits for those that may still fall on it, so
-- that a chain (reserve, then wallet, then receivable) gives the same in any order of codes.
create function ledger.apply_rest(
  p_platform text, p_livemode boolean, a_code text[], a_currency text[],
  l_account int[], l_amount bigint[], l_rest int[], first_line int, last_line int
) returns bigint[] language plpgsql as $$
declare
  open_rest int[] := l_rest;
  room bigint;
  take bigint;
  moved boolean;
begin
  for l in first_line .. last_line loop
    if l_amount[l] = 0 and array_position(l_rest, l) is null then
      raise exception 'line % has no amount', l using errcode = 'LJ001';
    end if;
    if l_rest[l] is not null and (l_rest[l] between first_line and last_line and l_rest[l] <> l
        and a_currency[l_account[l_rest[l]]] = a_currency[l_account[l]]) is not true then
      raise exception 'line % leaves its rest to no line of its journal', l
        using errcode = 'LJ001';
    end if;
  end loop;
  loop
    moved := false;
    for l in first_line .. last_line loop
      continue when open_rest[l] is null;
      continue when array_position(open_rest[first_line : last_line], l) is not null;
      -- No row, or no floor in that direction: the line takes all of it.
      select greatest(b.side * b.amount - b.floor, 0) into room
        from ledger.accounts a join ledger.balances b on b.account_id = a.id
       where a.platform_id = p_platform and a.livemode = p_livemode
         and a.code = a_code[l_account[l]] and a.currency = a_currency[l_account[l]]
         and b.side * l_amount[l] < 0;
      take := sign(l_amount[l]) * least(abs(l_amount[l]), coalesce(room, abs(l_amount[l])));
      l_amount[l_rest[l]] := l_amount[l_rest[l]] + l_amount[l] - take;
      l_amount[l] := take;
      open_rest[l] := null;
      moved := true;
    end loop;
    exit when not moved;
  end loop;
  if exists (select from unnest(open_rest[first_line : last_line]) o where o is not null) then
    raise exception 'rest lines form a circle' using errcode = 'LJ001';
  end if;
  if (select count(*) from unnest(l_amount[first_line : last_line]) x where x <> 0) < 2 then
    raise exception 'nothing is left of a journal after its rest lines' using errcode = 'LJ001';
  end if;
  return l_amount;
end
$$;

-- Refuses a journal whose needed keys are not all there, posted before it.
create function ledger.check_needs(
  p_platform text, p_livemode boolean, journal bigint, needed text[]
) returns void language plpgsql as $$
declare
  missing text;
begin
  select k.key into missing from unnest(needed) as k(key)
   where not exists (
     select from ledger.journals j
      where j.key = k.key and j.id < journal
        and j.platform_id = p_platform and j.livemode = p_livemode)
   limit 1;
  if found then
    raise exception 'the journal % must exist first', missing
      using errcode = 'LJ006', detail = json_build_object('key', missing);
  end if;
end
$$;

-- Refuses a reversal that is not the exact opposite of its target, or whose target is one.
create function ledger.check_reversal(
  p_platform text, p_livemode boolean, target bigint, journal int,
  a_code text[], a_currency text[],
  l_journal int[], l_account int[], l_amount bigint[], l_ref text[], l_rest int[]
) returns void language plpgsql as $$
begin
  if exists (
    select from ledger.journals j
     where j.id = target and (j.reverses_id is not null
       or j.platform_id <> p_platform or j.livemode <> p_livemode)
  ) or exists (
    select from (
      select a.code, p.currency, p.amount, p.ref
        from ledger.postings p join ledger.accounts a on a.id = p.account_id
       where p.journal_id = target
    ) was full join (
      select a_code[u.account] as code, a_currency[u.account] as currency,
             -u.amount as amount, u.ref, u.rest
        from unnest(l_journal, l_account, l_amount, l_ref, l_rest)
             as u(journal, account, amount, ref, rest)
       where u.journal = check_reversal.journal
    ) asked using (code, currency)
    where was.amount is distinct from asked.amount or was.ref is distinct from asked.ref
       or asked.rest is not null
  ) then
    raise exception 'a reversal is not the exact opposite of its journal' using errcode = 'LJ006';
  end if;
end
$$;

-- Posts one line that is not the common case of an open, tracked ledger account with room: opens
-- the ledger account, judges its kind, status and floor under lock, and changes the balance.
-- Without a balance after it, the ledger account is accumulate: nothing is touched.
create function ledger.post_line(
  p_platform text, p_livemode boolean, p_code text, p_kind text, p_currency text, p_amount bigint,
  out account bigint, out after bigint, out version bigint
) language plpgsql as $$
#variable_conflict use_column
declare
  found_account record;
  balance ledger.balances;
begin
  for attempt in 1 .. 2 loop
    select a.id, a.kind, a.tracked, a.status, c.side into found_account
      from ledger.accounts a join ledger.chart c on c.kind = a.kind
     where a.platform_id = p_platform and a.livemode = p_livemode
       and a.code = p_code and a.currency = p_currency;
    exit when found;
    perform ledger.open_account(p_platform, p_livemode, p_code, p_kind, p_currency);
  end loop;
  if found_account.kind <> p_kind then
    raise exception 'the ledger account % is of kind %, not %', p_code, found_account.kind, p_kind
      using errcode = 'LJ003',
      detail = json_build_object('code', p_code, 'kind', found_account.kind);
  end if;
  if found_account.tracked then
    -- Judged under lock: money may have come in since the update that missed.
    select * into balance from ledger.balances b where b.account_id = found_account.id
      for no key update;
    found_account.status := balance.status;
  end if;
  if found_account.status = 'closed'
     or (found_account.status = 'frozen' and found_account.side * p_amount < 0) then
    raise exception 'the ledger account % is %', p_code, found_account.status
      using errcode = 'LJ005', detail = json_build_object('code', p_code,
        'currency', p_currency, 'status', found_account.status);
  end if;
  account := found_account.id;
  if not found_account.tracked then return; end if;
  if balance.side * (balance.amount + p_amount) < balance.floor then
    raise exception 'insufficient funds in %', p_code
      using errcode = 'LJ004',
      detail = json_build_object('code', p_code, 'currency', p_currency,
        'required', abs(p_amount), 'available', balance.side * balance.amount - balance.floor);
  end if;
  if abs(balance.amount + p_amount) > 9007199254740991 then
    raise exception 'the balance of % leaves the safe range', p_code using errcode = 'LJ001';
  end if;
  update ledger.balances b set amount = b.amount + p_amount, version = b.version + 1
   where b.account_id = found_account.id
  returning b.amount, b.version into after, version;
end
$$;
