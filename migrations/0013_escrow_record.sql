-- The recording step of an escrow: one call, one round trip (ledger.md, section 5;
-- reliability.md, section 4). It writes events, journals, read model, outbox, audit, effects and
-- the command's outcome, or nothing.
--
--   p_escrow, p_version   the escrow, and the number of the step's first event
--   p_command             {id, type, body, actor, signature, expected_version, people, hash}; the
--                         hash is null when the command was read from its row
--   p_step                {refusal} or {events, state, status, status_code, disputed, on_hold,
--                         deadline_at, wake_at, disputes, effects, terms, parties,
--                         milestones}
--   p_default             null, or {due, no_payment} when the clock gave the command
--   the rest              arguments of ledger.post_journal, codes null when nothing is posted
--
-- It returns one of
--   {kind: step, command, version, replayed, events}  what is stored under that version
--   {kind: answered, command}       refused, or answered before: nothing to fold
--   {kind: conflict, commands}      the id stands for another command, which counts: it goes first,
--                                   unless it is answered or another escrow's
--   {kind: first, commands}         these were accepted before and go first
--   {kind: early, wait_ms}          a default that is not due by database time
--   {kind: refused, code}           a default that the books or a pending payment refuse
-- and raises RC002 (a gap), RC003 (a journal existed).

-- The escrow's time: database time, and the offset of its test clock.
create function holdfast.escrow_now(p_clock text) returns timestamptz language sql volatile as $$
  select clock_timestamp() + make_interval(secs => coalesce(
    (select offset_ms from holdfast.test_clocks where id = p_clock), 0) / 1000.0)
$$;

-- The message of a command row, as it travels.
create function holdfast.message_of(c holdfast.commands) returns jsonb language sql immutable as $$
  select jsonb_build_object('id', c.id, 'type', c.type, 'actor', c.actor, 'body', c.body,
    'signature', c.signature, 'expected_version', c.expected_version)
$$;

create function holdfast.answer_command(
  p_command text, p_outcome text, p_refusal jsonb, p_version int
) returns void language plpgsql as $$
begin
  update holdfast.commands
     set answered_at = clock_timestamp(), outcome = p_outcome, refusal = p_refusal,
         version = p_version, handed_over_at = coalesce(handed_over_at, clock_timestamp())
   where id = p_command and answered_at is null;
  perform pg_notify('holdfast_answers', p_command);
end
$$;

-- The row under this command's id: found, or made for a message that came without one. Whether it
-- is the same command, `is_other` says.
create function holdfast.command_row(e holdfast.escrows, p_command jsonb)
returns holdfast.commands language plpgsql as $$
declare
  c holdfast.commands;
begin
  select * into c from holdfast.commands where id = p_command ->> 'id' for update;
  if found then return c; end if;
  -- The same id may be coming to another escrow at this moment.
  insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
    signature, expected_version, request_hash, accepted_at, handed_over_at, handed_over_by)
  values (p_command ->> 'id', e.platform_id, e.livemode, e.id, p_command ->> 'type',
    p_command -> 'body', p_command -> 'actor', p_command ->> 'signature',
    (p_command ->> 'expected_version')::int, decode(p_command ->> 'hash', 'hex'),
    holdfast.escrow_now(e.test_clock_id), clock_timestamp(), 'signal')
  on conflict (id) do nothing returning * into c;
  if not found then
    select * into c from holdfast.commands where id = p_command ->> 'id' for update;
  end if;
  return c;
end
$$;

-- Was the id of a command used for something else? Then what came now was never asked.
create function holdfast.is_other(e holdfast.escrows, c holdfast.commands, p_command jsonb)
returns boolean language sql immutable as $$
  select c.escrow_id is distinct from e.id
      or c.request_hash <> coalesce(decode(p_command ->> 'hash', 'hex'), c.request_hash)
$$;

create function holdfast.conflict(e holdfast.escrows, c holdfast.commands, p_command jsonb)
returns jsonb language plpgsql as $$
begin
  perform holdfast.write_audit(e, p_command, null, 'command_key_conflict');
  return jsonb_build_object('kind', 'conflict', 'commands', case
    when c.escrow_id = e.id and c.answered_at is null
      then jsonb_build_array(holdfast.message_of(c)) else '[]' end);
end
$$;

-- One row a step, also for what was refused.
create function holdfast.write_audit(
  e holdfast.escrows, p_command jsonb, p_version int, p_decision text
) returns void language sql as $$
  insert into holdfast.audit (platform_id, livemode, stream, action, object, version, actor,
    command_id, request_id, decision)
  values (e.platform_id, e.livemode, e.id, p_command ->> 'type', e.id, p_version,
    p_command -> 'actor', p_command ->> 'id',
    (select request_id from holdfast.commands where id = p_command ->> 'id'), p_decision)
$$;

-- What must go before this step: a hold that the workflow has not heard of; for a default also
-- what people asked before its deadline (escrow.md, section 5, order).
create function holdfast.goes_first(e holdfast.escrows, p_command jsonb, p_default jsonb)
returns jsonb language plpgsql stable as $$
declare
  waiting jsonb;
begin
  select jsonb_agg(holdfast.message_of(c) order by c.accepted_at, c.id) into waiting
    from holdfast.commands c
   where c.escrow_id = e.id and c.answered_at is null and c.id <> p_command ->> 'id'
     and (c.accepted_at < (p_default ->> 'due')::timestamptz
          or (c.type = 'hold' and exists (
                select from holdfast.holds h where h.escrow_id = e.id and h.command_id = c.id)));
  return waiting;
end
$$;

-- Is what a provider's script reports what its own row says? (contracts.md, section 4)
create function holdfast.report_holds(e holdfast.escrows, p_type text, p_body jsonb)
returns boolean language plpgsql as $$
declare
  f holdfast.effects;
begin
  select * into f from holdfast.effects
   where id = coalesce(p_body ->> 'payment', p_body ->> 'disbursement', p_body ->> 'refund')
     for update;
  if not found or f.escrow_id is distinct from e.id then return false; end if;
  return case p_type
    when 'fund' then f.state = 'settled' and f.account_id = p_body ->> 'payer'
      and f.milestone_id is not distinct from p_body ->> 'milestone'
      and f.settled_amount >= (p_body ->> 'amount')::bigint
    when 'settle_disbursement' then f.state in ('settled', 'cancelled', 'returned')
    when 'fail_disbursement' then f.state in ('failed', 'parked')
    when 'return_disbursement' then f.state = 'returned'
    when 'settle_refund' then f.state in ('settled', 'returned')
    when 'fail_refund' then f.state in ('failed', 'returned')
    else false
  end;
end
$$;

-- May these payouts be begun, or begun again? Not one that the bank may be carrying out: its
-- script has tried again by itself, and the escrow has not heard of it yet. Nor another escrow's.
create function holdfast.are_free(e holdfast.escrows, p_effects jsonb) returns boolean
language sql as $$
  select coalesce(bool_and(
             f.state in ('failed', 'parked', 'returned') and f.escrow_id = e.id), true)
    from (select state, escrow_id from holdfast.effects
           where id in (select d ->> 'id' from jsonb_array_elements(p_effects) as list (d))
           order by id for update) f
$$;

-- A default that the database knows a reason against; null when it may be recorded.
create function holdfast.default_refused(e holdfast.escrows, p_command jsonb, p_default jsonb)
returns text language plpgsql as $$
begin
  if (p_default ->> 'no_payment')::boolean and exists (
    select from holdfast.effects f where f.escrow_id = e.id and f.kind = 'payment'
       and f.state in ('planned', 'sent', 'unknown')) then
    return 'conditions_unmet';
  end if;
  -- It stays in the wallet: only where no provider may still be moving it.
  if p_command ->> 'type' = 'settle_disbursement' then
    update holdfast.effects
       set state = 'cancelled', version = version + 1, updated_at = clock_timestamp()
     where id = p_command -> 'body' ->> 'disbursement'
       and state in ('planned', 'failed', 'parked', 'returned', 'cancelled');
    if not found then return 'conditions_unmet'; end if;
  end if;
  return null;
end
$$;
