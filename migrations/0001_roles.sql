-- Roles and schemas: what the login itself must do. Everything after this runs as the owner.
-- migrate() also runs this file before every run, because roles belong to the cluster and not
-- to the database: a login may change, and another database may have made the roles. So it asks
-- for the login (session_user), each statement is repeatable, and two databases may run it at
-- the same moment.
do $$
declare
  wanted constant text[] := array[
    'holdfast_owner', 'holdfast_app', 'holdfast_keeper', 'holdfast_auditor', 'holdfast_sandbox'];
  -- From 16 on a membership may lack the right to take the role on, which is what we need.
  membership constant text := case
    when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
  missing text[] := '{}';
  item text;
begin
  foreach item in array wanted loop
    for attempt in 1 .. 20 loop
      begin
        if not exists (select from pg_roles where rolname = item) then
          execute format('create role %I nologin', item);
        end if;
        if not pg_has_role(session_user, item, membership) then
          execute format('grant %I to %I', item, session_user);
        end if;
        exit;
      exception
        -- Another database was faster, or touches the same row of the shared catalog: look again.
        when duplicate_object or unique_violation or internal_error then
          perform pg_sleep(0.05);
        when insufficient_privilege then
          missing := missing || item;
          exit;
      end;
    end loop;
  end loop;

  if cardinality(missing) > 0 then
    raise exception 'the login "%" is no member of: %', session_user, array_to_string(missing, ', ')
      using errcode = 'insufficient_privilege',
      hint = format('As an administrator: create the missing roles NOLOGIN, then GRANT %s TO "%s".',
                    array_to_string(missing, ', '), session_user);
  end if;
end
$$;

do $$
declare
  item text;
  missing text[] := '{}';
begin
  foreach item in array array['ledger', 'holdfast', 'sandbox'] loop
    continue when exists (select from pg_namespace where nspname = item);
    if not has_database_privilege(session_user, current_database(), 'CREATE') then
      missing := missing || item;
    else
      execute format('create schema %I authorization holdfast_owner', item);
    end if;
  end loop;
  if cardinality(missing) > 0 then
    raise exception 'the login "%" may not create the schemas: %',
      session_user, array_to_string(missing, ', ')
      using errcode = 'insufficient_privilege',
      hint = format('As an administrator: GRANT CREATE ON DATABASE %I TO "%s".',
                    current_database(), session_user);
  end if;
end
$$;
