-- What has happened stays: events and audit rows are only ever added, and only by functions;
-- policies too, by the application.

create function holdfast.deny_change() returns trigger language plpgsql as $$
begin
  raise exception '% on holdfast.% is refused: what has happened stays', tg_op, tg_table_name
    using errcode = 'LJ010';
end
$$;

create trigger deny_change before update or delete or truncate on holdfast.events
  for each statement execute function holdfast.deny_change();
create trigger deny_change before update or delete or truncate on holdfast.old_terms
  for each statement execute function holdfast.deny_change();
create trigger deny_change before update or delete or truncate on holdfast.audit
  for each statement execute function holdfast.deny_change();
create trigger deny_change before update or delete or truncate on holdfast.outbox
  for each statement execute function holdfast.deny_change();
create trigger deny_change before update or delete or truncate on holdfast.policies
  for each statement execute function holdfast.deny_change();

grant select on all tables in schema holdfast to holdfast_app;
grant insert, update on
  holdfast.platforms, holdfast.api_keys, holdfast.connections, holdfast.accounts,
  holdfast.payout_destinations, holdfast.test_clocks, holdfast.escrows, holdfast.commands,
  holdfast.webhook_inbox, holdfast.holds, holdfast.milestones, holdfast.parties
  to holdfast_app;
grant delete on holdfast.escrows, holdfast.parties, holdfast.milestones, holdfast.holds
  to holdfast_app;
grant insert on holdfast.effects, holdfast.audit, holdfast.outbox, holdfast.policies
  to holdfast_app;
grant update (started_at) on holdfast.effects to holdfast_app;
grant select on all tables in schema holdfast to holdfast_auditor;

-- A draft may change; an escrow that has been sent changes by escrow_record alone.
create function holdfast.protect_escrow() returns trigger language plpgsql as $$
begin
  if old.version = 0 or current_user <> 'holdfast_app' then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  if tg_op = 'UPDATE' and (to_jsonb(new) - 'metadata' - 'updated_at')
                        = (to_jsonb(old) - 'metadata' - 'updated_at') then
    return new;
  end if;
  raise exception 'escrow % is no draft', old.id using errcode = 'LJ010';
end
$$;
create trigger protect_escrow before update or delete on holdfast.escrows
  for each row execute function holdfast.protect_escrow();
