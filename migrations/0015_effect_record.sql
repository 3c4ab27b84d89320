-- The recording step of a payment or payout script: one call writes the effect row, its attempt,
-- its event and its journal, or nothing (ledger.md, section 5; providers.md, section 2).
--
--   p_effect    the payment, disbursement or withdrawal
--   p_change    {attempt, reservation: as it was read, from: states it may be in, to, event, gate,
--               reserve, send: reference of the attempt that is about to be sent, next_attempt,
--               attempt_state, theirs, detail, reason, payer_action, settled_amount, fee,
--               returnable_until}
--   the rest    arguments of ledger.post_journal, codes null when nothing is posted
--
-- It returns {kind, effect}, effect being the row afterwards, and kind one of
--   done      written, or known already
--   stale     the row has moved on: look at it and decide again; nothing was written
--   parked    a gate is closed; before anything was sent the reason stands on the row
--   refused   the books refuse it (LJ004); nothing was written

-- Until when an attempt may leave us: who comes to it later asks again first.
alter table holdfast.attempts add column send_before timestamptz(3);

-- Why nothing may be sent for this payout now; null when it may.
create function holdfast.gate_of(f holdfast.effects) returns text language sql stable as $$
  select case
    when exists (select from holdfast.holds h where h.escrow_id = f.escrow_id) then 'on_hold'
    when f.kind = 'refund' then null
    when f.destination_id is null then 'no_destination'
    when exists (select from holdfast.payout_destinations d
                  where d.id = f.destination_id and d.deleted_at is not null)
      then 'destination_deleted'
    when f.connection_id is null then 'no_connection'
  end
$$;

create function holdfast.write_effect_event(f holdfast.effects, p_type text)
returns void language sql as $$
  insert into holdfast.outbox (event_id, platform_id, livemode, subject, sequence, type, escrow_id,
    data)
  values ('evt_' || translate(f.id, '_', '-') || '_' || f.version, f.platform_id, f.livemode, f.id,
    f.version, p_type, f.escrow_id, jsonb_build_object('id', f.id, 'state', f.state,
      'amount', f.amount, 'currency', f.currency, 'account', f.account_id, 'reason', f.reason,
      'attempt', f.attempt));
$$;

-- Before the first byte leaves it is committed as sent; `sent_at` stays the first time, since a
-- provider counts from there how long it keeps our key.
create function holdfast.write_attempt(f holdfast.effects, p_change jsonb) returns void
language plpgsql as $$
begin
  if p_change ->> 'send' is not null then
    insert into holdfast.attempts (effect_id, number, reference, state, send_before)
    values (f.id, f.attempt, p_change ->> 'send', 'sent', clock_timestamp() + interval '60 seconds')
    on conflict (effect_id, number) do update
      set state = 'sent', send_before = excluded.send_before, answered_at = null;
  elsif p_change ->> 'attempt_state' is not null then
    update holdfast.attempts
       set state = p_change ->> 'attempt_state', theirs = coalesce(p_change ->> 'theirs', theirs),
           detail = coalesce(p_change -> 'detail', detail), answered_at = clock_timestamp()
     where effect_id = f.id and number = f.attempt;
  end if;
end
$$;

-- May this attempt leave now? Asked with the last breath before the first byte
-- (reliability.md, section 5): it is the newest, not too late, and no gate has been closed since.
create function holdfast.may_send(p_effect text, p_attempt int) returns boolean
language sql security definer set search_path = holdfast, pg_temp as $$
  select exists (select from holdfast.effects f
                   join holdfast.attempts a on a.effect_id = f.id and a.number = f.attempt
                  where f.id = p_effect and f.attempt = p_attempt and f.state = 'sent'
                    and a.state = 'sent' and a.answered_at is null
                    and clock_timestamp() < a.send_before and holdfast.gate_of(f) is null)
$$;

-- A gate is closed. What was never sent is parked; what may have been sent waits as it is.
create function holdfast.park(f holdfast.effects, p_reason text) returns jsonb
language plpgsql as $$
begin
  if f.state = 'planned' or (f.state = 'parked' and f.reason is distinct from p_reason) then
    update holdfast.effects
       set state = 'parked', reason = p_reason, version = version + 1,
           updated_at = clock_timestamp()
     where id = f.id returning * into f;
    perform holdfast.write_effect_event(f, f.kind || '.parked');
  end if;
  return jsonb_build_object('kind', 'parked', 'effect', to_jsonb(f));
end
$$;

create function holdfast.effect_record(
  p_effect text, p_change jsonb,
  a_code text[], a_kind text[], a_currency text[],
  j_key text[], j_hash bytea[], j_type text[], j_at timestamptz[], j_subject text[],
  j_needs text[], j_terminal text[], j_reverses text[], j_meta jsonb[],
  l_journal int[], l_account int[], l_amount bigint[], l_ref text[], l_rest int[]
) returns jsonb
language plpgsql security definer set search_path = holdfast, ledger, pg_temp as $$
declare
  f holdfast.effects;
  e holdfast.escrows;
  gate text;
begin
  -- Closed now or not: what settles for a closed escrow is too late, so the two take turns.
  if p_change ->> 'event' = 'payment.settled' then
    select s.* into e from holdfast.escrows s
      join holdfast.effects p on p.escrow_id = s.id where p.id = p_effect for share of s;
  end if;
  select * into f from holdfast.effects where id = p_effect for update;
  if not found then
    raise exception 'no effect %', p_effect using errcode = 'RC002';
  end if;
  if not p_change -> 'from' ? f.state or f.attempt <> (p_change ->> 'attempt')::int
     or f.reservation <> coalesce((p_change ->> 'reservation')::int, f.reservation) then
    return jsonb_build_object('kind', 'stale', 'effect', to_jsonb(f));
  end if;

  if p_change ->> 'to' = 'unknown' and f.state = 'unknown'
     and f.reason is not distinct from p_change ->> 'reason' then
    return jsonb_build_object('kind', 'done', 'effect', to_jsonb(f)); -- nothing new
  end if;

  gate := case when (p_change ->> 'gate')::boolean then holdfast.gate_of(f) end;
  if gate is not null then
    return holdfast.park(f, gate);
  end if;

  begin
    update holdfast.effects
       set state = p_change ->> 'to',
           reason = p_change ->> 'reason',
           reservation = reservation + coalesce((p_change ->> 'reserve')::int, 0),
           payer_action = coalesce(p_change -> 'payer_action', payer_action),
           settled_amount = coalesce((p_change ->> 'settled_amount')::bigint, settled_amount),
           fee = coalesce((p_change ->> 'fee')::bigint, fee),
           returnable_until = coalesce((p_change ->> 'returnable_until')::timestamptz,
                                       returnable_until),
           attempt = attempt + coalesce((p_change ->> 'next_attempt')::int, 0),
           version = version + 1, updated_at = clock_timestamp()
     where id = f.id returning * into f;
    perform holdfast.write_attempt(f, p_change);
    perform holdfast.write_effect_event(f, p_change ->> 'event');
    insert into holdfast.audit (platform_id, livemode, stream, action, object, version, actor,
      decision)
    values (f.platform_id, f.livemode, coalesce(f.escrow_id, f.account_id), p_change ->> 'event',
      f.id, f.version, '{"kind": "provider"}', 'done');
    if a_code is not null then
      perform ledger.post_journal(f.platform_id, f.livemode, a_code, a_kind, a_currency, j_key,
        j_hash, j_type, j_at, j_subject, j_needs, j_terminal, j_reverses, j_meta, l_journal,
        l_account, l_amount, l_ref, l_rest);
    end if;
  exception
    when sqlstate 'LJ004' then
      select * into f from holdfast.effects where id = p_effect;
      return jsonb_build_object('kind', 'refused', 'effect', to_jsonb(f), 'detail', sqlerrm);
    when sqlstate 'LJ005' then
      select * into f from holdfast.effects where id = p_effect;
      return holdfast.park(f, 'account_frozen');
  end;
  if e.id is not null and e.state -> 'agreement' ->> 'stage' = 'closed' then
    perform holdfast.note_late(e);
  end if;
  if f.payer_action is not null or f.state <> 'sent' then
    perform pg_notify('holdfast_answers', f.id);
  end if;
  return jsonb_build_object('kind', 'done', 'effect', to_jsonb(f));
end
$$;

revoke all on function holdfast.effect_record(text, jsonb, text[], text[], text[], text[], bytea[],
  text[], timestamptz[], text[], text[], text[], text[], jsonb[], int[], int[], bigint[], text[],
  int[]) from public;
revoke all on function holdfast.may_send(text, int) from public;
grant execute on function holdfast.may_send(text, int) to holdfast_app;
grant execute on function holdfast.effect_record(text, jsonb, text[], text[], text[], text[],
  bytea[], text[], timestamptz[], text[], text[], text[], text[], jsonb[], int[], int[], bigint[],
  text[], int[]) to holdfast_app;
