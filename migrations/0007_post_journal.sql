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
--
-- Refusals are SQLSTATEs with JSON in DETAIL:
--   LJ001 malformed, unbalanced, unsorted, out of range      LJ006 needed or reversed journal
--   LJ002 key used for another request                             missing or not matching
--   LJ003 unknown kind or currency, code of another kind     LJ007 terminal or reversal taken
--   LJ004 insufficient funds   LJ005 frozen or closed        LJ008 isolation, second call

-- The shape of a call, without a look at any table: true, or LJ001.
create function ledger.check_shape(
  a_code text[], a_kind text[], a_currency text[],
  j_key text[], j_hash bytea[], j_type text[], j_at timestamptz[], j_subject text[],
  l_journal int[], l_account int[], l_amount bigint[], l_rest int[]
) returns boolean language plpgsql immutable as $$
declare
  safe constant bigint := 9007199254740991;
  accounts_max constant int := cardinality(a_code);
  journals_max constant int := cardinality(j_key);
  lines_max constant int := cardinality(l_journal);
  journal int := 0;
  lines int := 2;        -- of the journal so far; none begun yet counts as complete
  account int := 0;
  total bigint := 0;
  mixed boolean := false;
begin
  if (accounts_max between 2 and 1000 and journals_max between 1 and 1000
      and lines_max between 2 and 1000
      and cardinality(a_kind) = accounts_max and cardinality(a_currency) = accounts_max
      and cardinality(j_hash) = journals_max and cardinality(j_type) = journals_max
      and cardinality(j_at) = journals_max and cardinality(j_subject) = journals_max
      and cardinality(l_account) = lines_max and cardinality(l_amount) = lines_max
      and cardinality(l_rest) = lines_max) is not true then
    raise exception 'the arrays of the call do not fit together' using errcode = 'LJ001';
  end if;
  for i in 2 .. accounts_max loop
    if ((a_code[i - 1] collate "C", a_currency[i - 1] collate "C")
        < (a_code[i] collate "C", a_currency[i] collate "C")) is not true then
      raise exception 'the ledger accounts are not ascending and distinct'
        using errcode = 'LJ001', detail = json_build_object('code', a_code[i]);
    end if;
    mixed := mixed or a_currency[i] <> a_currency[1];
  end loop;
  for l in 1 .. lines_max loop
    if l_journal[l] = journal + 1 then
      if total <> 0 or lines < 2 then exit; end if;
      journal := journal + 1;
      lines := 0;
      account := 0;
    end if;
    if (l_journal[l] = journal and l_account[l] > account and l_account[l] <= accounts_max
        and abs(l_amount[l]) <= safe) is not true then
      raise exception 'line % is unsorted, doubled or out of range', l using errcode = 'LJ001';
    end if;
    if l_amount[l] = 0 and array_position(l_rest, l) is null then
      raise exception 'line % has no amount', l using errcode = 'LJ001';
    end if;
    if l_rest[l] is not null and (l_rest[l] between 1 and lines_max and l_rest[l] <> l
        and l_journal[l_rest[l]] = journal
        and a_currency[l_account[l_rest[l]]] = a_currency[l_account[l]]) is not true then
      raise exception 'line % leaves its rest to no line of its journal', l
        using errcode = 'LJ001';
    end if;
    account := l_account[l];
    lines := lines + 1;
    total := total + l_amount[l];
  end loop;
  if total <> 0 or lines < 2 or journal <> journals_max then
    raise exception 'journal % does not sum to zero, or has less than two lines', journal
      using errcode = 'LJ001';
  end if;
  -- Zero in sum is not yet zero per currency.
  if mixed and exists (
    select from unnest(l_journal, l_account, l_amount) as u(journal, account, amount)
     group by u.journal, a_currency[u.account] having sum(u.amount) <> 0
  ) then
    raise exception 'a journal does not sum to zero in each currency' using errcode = 'LJ001';
  end if;
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
language plpgsql security definer set search_path = ledger, pg_temp as $$
#variable_conflict use_column
declare
  journals_max constant int := cardinality(j_key);
  lines_max constant int := cardinality(l_journal);
  has_rest constant boolean := array_remove(l_rest, null) <> '{}';
  amounts bigint[] := l_amount;
  ids bigint[] := '{}';
  replayed int := 0;
  first_line int;
  reversed bigint;
  account bigint;
  before record;
  a int;
  -- The postings, column by column.
  p_journal bigint[] := '{}';
  p_line int[] := '{}';
  p_account bigint[] := '{}';
  p_currency text[] := '{}';
  p_amount bigint[] := '{}';
  p_after bigint[] := '{}';
  p_version bigint[] := '{}';
  p_ref text[] := '{}';
  n int := 0;
  line int;
  after bigint;
  version bigint;
begin
  -- 1. Every decision is made on a row locked by the statement that changes it, which is only
  --    true under READ COMMITTED; and two calls in one transaction would break the lock order.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'post_journal needs READ COMMITTED' using errcode = 'LJ008';
  end if;
  if current_setting('ledger.posted', true) = 'yes' then
    raise exception 'a transaction posts once; send several journals in one call'
      using errcode = 'LJ008';
  end if;
  perform set_config('ledger.posted', 'yes', true);

  -- 2. Shape.
  if not check_shape(a_code, a_kind, a_currency, j_key, j_hash, j_type, j_at, j_subject,
                     l_journal, l_account, l_amount, l_rest) then
    return;
  end if;

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
      if j_needs[j] is not null and cardinality(string_to_array(j_needs[j], ' ')) > (
        select count(*) from journals t
         where t.key = any (string_to_array(j_needs[j], ' ')) and t.id < account
           and t.platform_id = p_platform and t.livemode = p_livemode
      ) then
        raise exception 'journal % needs % first', j_key[j], j_needs[j] using errcode = 'LJ006';
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

  for l in 1 .. lines_max loop
    if l = 1 or l_journal[l] <> l_journal[l - 1] then
      line := 0;
      first_line := l;
      -- 6. What each `rest` line takes, after the journals before this one.
      if has_rest then
        amounts := apply_rest(p_platform, p_livemode, a_code, a_currency, l_account, amounts,
                              l_rest, l, l + cardinality(array_positions(l_journal, l_journal[l])) - 1);
      end if;
    end if;
    continue when amounts[l] = 0;

    -- 7. Balances. A row that does not fit is not updated: judge_line says why, or opens it.
    a := l_account[l];
    loop
      update balances b set amount = b.amount + amounts[l], version = b.version + 1
        from accounts t
       where t.platform_id = p_platform and t.livemode = p_livemode
         and t.code = a_code[a] and t.currency = a_currency[a] and t.kind = a_kind[a]
         and b.account_id = t.id
         and (b.status = 'open' or (b.status = 'frozen' and b.side * amounts[l] > 0))
         and (b.floor is null or b.side * (b.amount + amounts[l]) >= b.floor)
         and abs(b.amount + amounts[l]) <= 9007199254740991
      returning b.account_id, b.amount, b.version into account, after, version;
      exit when found;
      account := judge_line(p_platform, p_livemode, a_code[a], a_kind[a], a_currency[a],
                            amounts[l]);
      if account is not null then
        after := null;
        version := null;
        exit;
      end if;
    end loop;
    n := n + 1;
    line := line + 1;
    p_journal[n] := ids[l_journal[l]];
    p_line[n] := line;
    p_account[n] := account;
    p_currency[n] := a_currency[a];
    p_amount[n] := amounts[l];
    p_after[n] := after;
    p_version[n] := version;
    p_ref[n] := l_ref[l];
  end loop;

  -- 8. All postings at once, dated while the locks are held.
  insert into postings (journal_id, line, account_id, currency, amount, balance_after, version,
                        ref, posted_at)
  select u.journal, u.line, u.account, u.currency, u.amount, u.after, u.version, u.ref, t.now
    from clock_timestamp() as t(now),
         unnest(p_journal, p_line, p_account, p_currency, p_amount, p_after, p_version, p_ref)
         as u(journal, line, account, currency, amount, after, version, ref);
  return query select k.key, k.id, true from unnest(j_key, ids) as k(key, id);
end
$$;
