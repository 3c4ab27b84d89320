-- The parts of a step that are written once everything has been checked, and escrow_record.

create function holdfast.write_events(
  e holdfast.escrows, p_version int, p_command jsonb, p_step jsonb
) returns void language sql as $$
  insert into holdfast.events (escrow_id, number, step, id, platform_id, livemode, type, at,
    command_id, actor, status, status_code, data)
  select e.id, p_version + n::int - 1, p_version,
         'evt_' || substr(e.id, 5) || '_' || (p_version + n - 1), e.platform_id, e.livemode,
         event ->> 'type', (event ->> 'at')::timestamptz, p_command ->> 'id',
         p_command -> 'actor', event ->> 'status', event ->> 'status_code', event -> 'event'
    from jsonb_array_elements(p_step -> 'events') with ordinality as list (event, n);

  insert into holdfast.outbox (event_id, platform_id, livemode, subject, sequence, type,
    escrow_id, data)
  select 'evt_' || substr(e.id, 5) || '_' || (p_version + n - 1), e.platform_id, e.livemode, e.id,
         p_version + n::int - 1, event ->> 'topic', e.id,
         (event -> 'event') || jsonb_build_object(
           'status', event ->> 'status', 'status_code', event ->> 'status_code')
    from jsonb_array_elements(p_step -> 'events') with ordinality as list (event, n);
$$;

create function holdfast.write_read_model(e holdfast.escrows, p_version int, p_step jsonb)
returns void language plpgsql as $$
declare
  last_event constant int := p_version + jsonb_array_length(p_step -> 'events') - 1;
begin
  if p_step ? 'terms' then
    insert into holdfast.old_terms (escrow_id, terms_hash, terms, until_version)
    values (e.id, e.terms_hash, e.terms, last_event) on conflict do nothing;
    update holdfast.escrows
       set terms = p_step -> 'terms', terms_hash = p_step -> 'state' ->> 'terms_hash',
           title = p_step -> 'terms' ->> 'title', type = p_step -> 'terms' ->> 'type',
           amount = (p_step -> 'terms' ->> 'amount')::bigint
     where id = e.id;
  end if;
  if p_step ? 'parties' then
    update holdfast.parties p set account_id = n ->> 'account_id'
      from jsonb_array_elements(p_step -> 'parties') as list (n)
     where p.id = n ->> 'id' and p.escrow_id = e.id;
  end if;
  if p_step ? 'milestones' then
    delete from holdfast.milestones where escrow_id = e.id;
    insert into holdfast.milestones (id, escrow_id, number, due_at)
    select m ->> 'id', e.id, (m ->> 'number')::int, (m ->> 'due_at')::timestamptz
      from jsonb_array_elements(p_step -> 'milestones') as list (m);
  end if;

  update holdfast.escrows
     set version = last_event, draft = null, state = p_step -> 'state',
         status = p_step ->> 'status', status_code = p_step ->> 'status_code',
         disputed = (p_step ->> 'disputed')::boolean,
         on_hold = (p_step ->> 'on_hold')::boolean,
         deadline_at = (p_step ->> 'deadline_at')::timestamptz,
         wake_at = (p_step ->> 'wake_at')::timestamptz,
         stuck = null, updated_at = clock_timestamp()
   where id = e.id;

  if p_step ? 'disputes' then
    insert into holdfast.disputes (id, platform_id, livemode, escrow_id, milestone_id, status,
      handler, due_at, view, version)
    select d ->> 'id', e.platform_id, e.livemode, e.id, d ->> 'milestone', d ->> 'status',
           d ->> 'handler', (d ->> 'due_at')::timestamptz, d -> 'view', last_event
      from jsonb_array_elements(p_step -> 'disputes') as list (d)
    on conflict (id) do update
      set status = excluded.status, due_at = excluded.due_at,
          handler = coalesce(excluded.handler, holdfast.disputes.handler),
          view = holdfast.disputes.view || excluded.view, version = excluded.version,
          updated_at = clock_timestamp();
  end if;

  if not (p_step ->> 'on_hold')::boolean and e.on_hold then
    delete from holdfast.holds where escrow_id = e.id;
  end if;
end
$$;

-- A refund goes back through the connection of the payment that it came from.
create function holdfast.plan_refund(e holdfast.escrows, f jsonb) returns void language sql as $$
  insert into holdfast.effects (id, kind, platform_id, livemode, connection_id, escrow_id,
    milestone_id, account_id, currency, amount, payment_id, state, test_clock_id)
  select f ->> 'id', 'refund', e.platform_id, e.livemode, p.connection_id, e.id,
         f ->> 'milestone', p.account_id, e.currency, (f ->> 'amount')::bigint, p.id, 'planned',
         e.test_clock_id
    from holdfast.effects p where p.id = f ->> 'payment' and p.escrow_id = e.id;
$$;

-- What has settled for an escrow that is closed and took nothing of it came too late: it stays in
-- the wallet of the payer, or goes back where the terms say so (escrow.md, section 9).
create function holdfast.note_late(e holdfast.escrows) returns void language plpgsql as $$
declare
  f holdfast.effects;
begin
  for f in
    update holdfast.effects
       set applied = 0, reason = 'late', version = version + 1, updated_at = clock_timestamp()
     where escrow_id = e.id and kind = 'payment' and state = 'settled' and reason is null
       and coalesce(applied, 0) = 0
    returning *
  loop
    perform holdfast.write_effect_event(f, 'payment.late');
    if e.terms ->> 'refund_to' = 'source' then
      perform holdfast.plan_refund(e, jsonb_build_object('id',
        'ref_' || substr(f.id, 5) || '_late', 'milestone', f.milestone_id,
        'amount', f.settled_amount, 'payment', f.id));
    end if;
  end loop;
end
$$;

-- A payout fixes its destination now: the one named, else the account's default.
create function holdfast.plan_effects(e holdfast.escrows, p_effects jsonb) returns void
language plpgsql as $$
declare
  f jsonb;
  place holdfast.payout_destinations;
begin
  for f in select * from jsonb_array_elements(p_effects) loop
    if f ->> 'type' = 'send_back' then
      perform holdfast.plan_refund(e, f);
      continue;
    end if;
    select * into place from holdfast.payout_destinations d
     where d.account_id = f ->> 'account' and d.deleted_at is null
       and d.platform_id = e.platform_id and d.livemode = e.livemode
       and d.currency = e.currency
       and case when f ->> 'destination' is null
             then d.is_default else d.id = f ->> 'destination' end;
    insert into holdfast.effects (id, kind, platform_id, livemode, connection_id, escrow_id,
      milestone_id, account_id, currency, amount, destination_id, state, test_clock_id)
    values (f ->> 'id', 'disbursement', e.platform_id, e.livemode,
      (select c.id from holdfast.connections c where c.platform_id = e.platform_id
          and c.livemode = e.livemode and c.provider = place.provider),
      e.id, f ->> 'milestone', f ->> 'account', e.currency, (f ->> 'amount')::bigint, place.id,
      'planned', e.test_clock_id)
    on conflict (id) do update
      set state = 'planned', attempt = holdfast.effects.attempt + 1, reason = null,
          destination_id = excluded.destination_id, connection_id = excluded.connection_id,
          started_at = null, version = holdfast.effects.version + 1,
          updated_at = clock_timestamp();
  end loop;
end
$$;

create function holdfast.escrow_record(
  p_escrow text, p_version int, p_command jsonb, p_step jsonb, p_default jsonb,
  a_code text[], a_kind text[], a_currency text[],
  j_key text[], j_hash bytea[], j_type text[], j_at timestamptz[], j_subject text[],
  j_needs text[], j_terminal text[], j_reverses text[], j_meta jsonb[],
  l_journal int[], l_account int[], l_amount bigint[], l_ref text[], l_rest int[]
) returns jsonb
language plpgsql security definer set search_path = holdfast, ledger, pg_temp as $$
declare
  e holdfast.escrows;
  c holdfast.commands;
  waiting jsonb;
  why text;
  refusal jsonb := p_step -> 'refusal';
  actor constant jsonb := p_command -> 'actor';
begin
  select * into e from holdfast.escrows where id = p_escrow for update;
  if not found then
    raise exception 'no escrow %', p_escrow using errcode = 'RC002';
  end if;
  if (p_command ->> 'people')::boolean then
    c := holdfast.command_row(e, p_command);
    if holdfast.is_other(e, c, p_command) then
      return holdfast.conflict(e, c, p_command);
    end if;
  end if;

  -- What is stored under this version is what happened, whoever's it was.
  if e.version >= p_version then
    return holdfast.stored_step(e.id, p_version);
  end if;
  if c.answered_at is not null then
    return jsonb_build_object('kind', 'answered', 'command', c.id);
  end if;
  if e.version <> p_version - 1 then
    raise exception 'escrow % is at %, not before %', e.id, e.version, p_version
      using errcode = 'RC002';
  end if;

  if p_default ->> 'due' is not null
     and holdfast.escrow_now(e.test_clock_id) < (p_default ->> 'due')::timestamptz then
    return jsonb_build_object('kind', 'early', 'wait_ms', ceil(1000 * extract(epoch from
      (p_default ->> 'due')::timestamptz - holdfast.escrow_now(e.test_clock_id))));
  end if;
  waiting := holdfast.goes_first(e, p_command, p_default);
  if waiting is not null then
    return jsonb_build_object('kind', 'first', 'commands', waiting);
  end if;

  -- A message may claim whom it likes, but no platform speaks for another's escrow.
  if refusal is null and actor ->> 'platform' <> e.platform_id then
    refusal := jsonb_build_object('code', 'not_allowed');
  end if;
  -- A live escrow takes no message that did not come through the API (security.md, section 3).
  if refusal is null and e.livemode and c.handed_over_by = 'signal' and c.route is null then
    refusal := jsonb_build_object('code', 'unsigned_command');
  end if;
  if refusal is null and actor ->> 'kind' = 'provider'
     and not holdfast.report_holds(e, p_command ->> 'type', p_command -> 'body') then
    refusal := jsonb_build_object('code', 'conditions_unmet');
  end if;
  if refusal is null and p_step ? 'effects' and not holdfast.are_free(e, p_step -> 'effects') then
    refusal := jsonb_build_object('code', 'conditions_unmet');
  end if;
  if p_default is not null then
    why := coalesce(refusal ->> 'code', holdfast.default_refused(e, p_command, p_default));
    if why is not null then
      return jsonb_build_object('kind', 'refused', 'code', why);
    end if;
  end if;

  if refusal is null then
    begin
      perform holdfast.write_events(e, p_version, p_command, p_step);
      perform holdfast.write_read_model(e, p_version, p_step);
      if p_step ? 'effects' then
        perform holdfast.plan_effects(e, p_step -> 'effects');
      end if;
      if p_command -> 'body' ? 'payment' then
        update holdfast.effects set applied = (p_step ->> 'applied')::bigint
         where id = p_command -> 'body' ->> 'payment';
      end if;
      if p_step -> 'state' -> 'agreement' ->> 'stage' = 'closed' then
        perform holdfast.note_late(e);
      end if;
      if a_code is not null then
        if exists (select from ledger.post_journal(e.platform_id, e.livemode, a_code, a_kind,
              a_currency, j_key, j_hash, j_type, j_at, j_subject, j_needs, j_terminal, j_reverses,
              j_meta, l_journal, l_account, l_amount, l_ref, l_rest) as posted
            where not posted.created) then
          raise exception 'a journal of % stood before its event', e.id using errcode = 'RC003';
        end if;
      end if;
    exception
      -- The books say no: nothing of the step stays, the refusal does.
      when sqlstate 'LJ004' or sqlstate 'LJ005' then
        refusal := jsonb_build_object('code', 'insufficient_funds', 'detail', sqlerrm);
        if p_default is not null then
          return jsonb_build_object('kind', 'refused', 'code', 'insufficient_funds');
        end if;
    end;
  end if;

  perform holdfast.write_audit(e, p_command, case when refusal is null then p_version end,
    coalesce(refusal ->> 'code', 'done'));

  if refusal is not null then
    -- A payment of which nothing is taken: it is free money in the wallet of who paid it.
    if p_command ->> 'type' = 'fund' and e.state -> 'agreement' ->> 'stage' <> 'closed' then
      update holdfast.effects set applied = 0, reason = refusal ->> 'code'
       where id = p_command -> 'body' ->> 'payment' and applied is null;
    end if;
    if p_command ->> 'type' = 'hold' then
      delete from holdfast.holds where escrow_id = e.id and command_id = p_command ->> 'id';
    end if;
    perform holdfast.answer_command(p_command ->> 'id', 'refused', refusal, e.version);
    return jsonb_build_object('kind', 'answered', 'command', p_command ->> 'id');
  end if;
  if c.id is not null then
    perform holdfast.answer_command(c.id, 'done', null,
      p_version + jsonb_array_length(p_step -> 'events') - 1);
  end if;
  return jsonb_build_object('kind', 'step', 'command', p_command ->> 'id', 'version', p_version,
    'replayed', false);
end
$$;

-- The step that is stored under a version: its command, and its events in order. No step begins
-- there when the books and the workflow tell different stories: a restored copy, say.
create function holdfast.stored_step(p_escrow text, p_version int) returns jsonb
language plpgsql stable as $$
declare
  stored jsonb;
begin
  select jsonb_build_object('kind', 'step', 'command', min(command_id), 'version', p_version,
           'replayed', true, 'events', jsonb_agg(data order by number))
    into stored from holdfast.events where escrow_id = p_escrow and step = p_version
  having count(*) > 0;
  if stored is null then
    raise exception 'no step of escrow % begins at %', p_escrow, p_version using errcode = 'RC002';
  end if;
  return stored;
end
$$;

revoke all on all functions in schema holdfast from public;
grant execute on function holdfast.escrow_record(text, int, jsonb, jsonb, jsonb,
  text[], text[], text[], text[], bytea[], text[], timestamptz[], text[], text[], text[], text[],
  jsonb[], int[], int[], bigint[], text[], int[]) to holdfast_app;
grant execute on function holdfast.escrow_now(text) to holdfast_app;
