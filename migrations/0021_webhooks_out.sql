-- Where a platform is told what has happened, and what became of it (security.md, section 11).
-- An event of the outbox has its deliveries from the transaction that wrote it.

create table holdfast.webhook_endpoints (
  id text primary key check (id ~ '^whe_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  url text not null,
  types text[] not null,                                -- empty: all
  description text,
  in_order boolean not null,                            -- of one subject, one after the other
  secret text not null,
  old_secret text,                                      -- signs too, until then
  old_secret_until timestamptz(3),
  state text not null check (state in ('enabled', 'disabled')),
  disabled_reason text check (disabled_reason in ('asked', 'gone', 'failing')),
  failures int not null default 0,                      -- since the last success
  failing_since timestamptz(3),
  paused_until timestamptz(3),                          -- the breaker, or Retry-After
  leased_until timestamptz(3),                          -- one dispatcher serves it until then
  tests int not null default 0,
  metadata jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp(),
  deleted_at timestamptz(3),
  check ((state = 'disabled') = (disabled_reason is not null))
);
create index webhook_endpoints_list
  on holdfast.webhook_endpoints (platform_id, livemode, created_at, id) where deleted_at is null;

create table holdfast.webhook_deliveries (
  endpoint_id text not null references holdfast.webhook_endpoints,
  outbox_id bigint not null references holdfast.outbox,
  id text not null unique,
  subject text not null,
  sequence int not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  tries int not null default 0,                         -- since it was asked for, or again
  next_at timestamptz(3) not null default clock_timestamp(),
  last_status int,
  last_error text,
  delivered_at timestamptz(3),
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (endpoint_id, outbox_id)
);
create index webhook_deliveries_due on holdfast.webhook_deliveries (endpoint_id, next_at, outbox_id)
  where state = 'pending';
create index webhook_deliveries_order
  on holdfast.webhook_deliveries (endpoint_id, subject, sequence) where state = 'pending';
create index webhook_deliveries_list
  on holdfast.webhook_deliveries (endpoint_id, created_at, id);

create table holdfast.webhook_tries (
  id bigint generated always as identity primary key,
  endpoint_id text not null,
  outbox_id bigint not null,
  status int,                                           -- null: no answer
  error text,
  latency_ms int not null,
  answer text not null,                                 -- its beginning
  at timestamptz(3) not null default clock_timestamp(),
  foreign key (endpoint_id, outbox_id) references holdfast.webhook_deliveries
);
create index webhook_tries_of on holdfast.webhook_tries (endpoint_id, outbox_id, id);

create trigger deny_change before update or delete or truncate on holdfast.webhook_tries
  for each statement execute function holdfast.deny_change();

-- A delivery for each endpoint that wants the event; a test event goes to its own alone.
create function holdfast.plan_deliveries() returns trigger
language plpgsql security definer set search_path = holdfast, pg_temp as $$
begin
  insert into holdfast.webhook_deliveries (endpoint_id, outbox_id, id, subject, sequence)
  select w.id, o.id, holdfast.delivery_id(w.id, o.id), o.subject, o.sequence
    from written o
    join holdfast.webhook_endpoints w
      on w.platform_id = o.platform_id and w.livemode = o.livemode
   where w.state = 'enabled' and w.deleted_at is null
     and case when o.type = 'webhook_endpoint.test' then o.subject = w.id
              else holdfast.is_wanted(w, o.type) end;
  return null;
end
$$;

-- Topics by name, or all of a thing: escrow.*
create function holdfast.is_wanted(w holdfast.webhook_endpoints, p_type text) returns boolean
language sql immutable as $$
  select w.types = '{}' or w.types && array[p_type, split_part(p_type, '.', 1) || '.*']
$$;

create function holdfast.delivery_id(p_endpoint text, p_outbox bigint) returns text
language sql immutable as $$
  select 'whd_' || substr(p_endpoint, 5) || '_' || p_outbox
$$;

create trigger plan_deliveries after insert on holdfast.outbox
  referencing new table as written
  for each statement execute function holdfast.plan_deliveries();

-- The endpoints that have something due and that nobody serves; they are the caller's for a minute.
create function holdfast.webhook_claim(p_most int) returns setof holdfast.webhook_endpoints
language sql security definer set search_path = holdfast, pg_temp as $$
  update holdfast.webhook_endpoints
     set leased_until = clock_timestamp() + interval '1 minute'
   where id in (
     select w.id from holdfast.webhook_endpoints w
      where w.state = 'enabled' and w.deleted_at is null
        and coalesce(w.leased_until, '-infinity') < now()
        and coalesce(w.paused_until, '-infinity') <= now()
        and exists (select from holdfast.webhook_deliveries d
                     where d.endpoint_id = w.id and d.state = 'pending' and d.next_at <= now())
      limit p_most for no key update skip locked)
  returning *
$$;

-- How long after the n-th try the next one comes, in seconds; null: there is none.
create function holdfast.webhook_delay(p_try int) returns int language sql immutable as $$
  select (array[5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400])[p_try]
$$;

-- Writes down how tries went: [{outbox, status, error, latency_ms, answer, retry_after}], and what
-- follows for the deliveries and for the endpoint. Lost in a crash, a try is made again.
create function holdfast.webhook_tried(p_endpoint text, p_tries jsonb, p_is_last boolean)
returns holdfast.webhook_endpoints
language plpgsql security definer set search_path = holdfast, pg_temp as $$
declare
  w holdfast.webhook_endpoints;
begin
  perform set_config('synchronous_commit', 'off', true);
  select * into w from holdfast.webhook_endpoints where id = p_endpoint for no key update;
  insert into holdfast.webhook_tries (endpoint_id, outbox_id, status, error, latency_ms, answer)
  select w.id, t.outbox, t.status, t.error, t.latency_ms, t.answer
    from holdfast.tries_of(p_tries) t;
  update holdfast.webhook_deliveries d
     set tries = d.tries + 1, last_status = t.status, last_error = t.error,
         state = case when t.is_taken then 'delivered'
                      when holdfast.webhook_delay(d.tries + 1) is null then 'failed'
                      else 'pending' end,
         delivered_at = case when t.is_taken then clock_timestamp() end,
         next_at = clock_timestamp() + make_interval(secs => coalesce(greatest(t.retry_after,
           holdfast.webhook_delay(d.tries + 1) * (0.8 + 0.4 * random())), 0))
    from holdfast.tries_of(p_tries) t
   where d.endpoint_id = w.id and d.outbox_id = t.outbox;
  return holdfast.webhook_judged(w, p_tries, p_is_last);
end
$$;

create function holdfast.tries_of(p_tries jsonb) returns table (
  outbox bigint, status int, error text, latency_ms int, answer text, retry_after int,
  is_taken boolean
) language sql immutable as $$
  select t.*, coalesce(t.status between 200 and 299, false)
    from jsonb_to_recordset(p_tries) as t (outbox bigint, status int, error text, latency_ms int,
      answer text, retry_after int)
$$;

-- What tries say about an endpoint: failures are counted, it rests, or it is disabled.
--   A success forgets all failures. Five of them: it is tried once, with ever longer rests between,
--   to 10 minutes. 410, or five days without a success: disabled, which is an event.
create function holdfast.webhook_judged(
  w holdfast.webhook_endpoints, p_tries jsonb, p_is_last boolean
) returns holdfast.webhook_endpoints language plpgsql as $$
declare
  t record;
begin
  select coalesce(bool_or(is_taken), false) as is_alive,
         count(*) as made, count(*) filter (where not is_taken) as failed,
         coalesce(bool_or(status = 410), false) as is_gone,
         max(case when status in (429, 502, 503, 504) then greatest(retry_after, 30) end) as rest
    into t from holdfast.tries_of(p_tries);
  w.failures := case when t.is_alive then 0 else w.failures + t.failed end;
  w.failing_since := case when t.is_alive then null when t.failed = 0 then w.failing_since
                          else coalesce(w.failing_since, clock_timestamp()) end;
  w.paused_until := case when t.made = 0 then w.paused_until
    else clock_timestamp() + make_interval(secs => greatest(t.rest,
      case when w.failures >= 5 then least(600, 15 * 2 ^ least(w.failures - 5, 6)) end)) end;
  if t.is_gone or w.failing_since < clock_timestamp() - interval '5 days' then
    w.state := 'disabled';
    w.disabled_reason := case when t.is_gone then 'gone' else 'failing' end;
    w.version := w.version + 1;
  end if;
  update holdfast.webhook_endpoints
     set leased_until = case when not p_is_last then clock_timestamp() + interval '1 minute' end
   where id = w.id;
  update holdfast.webhook_endpoints
     set failures = w.failures, failing_since = w.failing_since, paused_until = w.paused_until,
         state = w.state, disabled_reason = w.disabled_reason, version = w.version,
         updated_at = case when version = w.version then updated_at else clock_timestamp() end
   where id = w.id and state = 'enabled' and deleted_at is null;
  if found and w.state = 'disabled' then
    insert into holdfast.outbox (event_id, platform_id, livemode, subject, sequence, type, data)
    values ('evt_' || translate(w.id, '_', '-') || '_' || w.version, w.platform_id, w.livemode,
      w.id, w.version, 'webhook_endpoint.disabled',
      jsonb_build_object('id', w.id, 'state', w.state, 'reason', w.disabled_reason));
  end if;
  return w;
end
$$;

-- Asks for deliveries again: of one event, of a range of time, or of all that have failed. Answers
-- how many. What is on its way anyway goes on.
create function holdfast.webhook_replay(
  p_endpoint text, p_event text, p_from timestamptz, p_to timestamptz, p_failed boolean
) returns int language plpgsql security definer set search_path = holdfast, pg_temp as $$
declare
  w holdfast.webhook_endpoints;
  asked int;
begin
  select * into strict w from holdfast.webhook_endpoints where id = p_endpoint;
  insert into holdfast.webhook_deliveries as d (endpoint_id, outbox_id, id, subject, sequence)
  select w.id, o.id, holdfast.delivery_id(w.id, o.id), o.subject, o.sequence
    from holdfast.outbox o
   where o.platform_id = w.platform_id and o.livemode = w.livemode
     and (holdfast.is_wanted(w, o.type) or o.event_id = p_event)
     and (o.type <> 'webhook_endpoint.test' or o.subject = w.id)
     and (p_event is null or o.event_id = p_event)
     and (p_from is null or o.created_at >= p_from)
     and (p_to is null or o.created_at <= p_to)
     and (not p_failed or exists (select from holdfast.webhook_deliveries f
           where f.endpoint_id = w.id and f.outbox_id = o.id and f.state = 'failed'))
  on conflict (endpoint_id, outbox_id) do update
    set state = 'pending', tries = 0, next_at = clock_timestamp(), delivered_at = null
    where d.state <> 'pending';
  get diagnostics asked = row_count;
  return asked;
end
$$;

grant select on holdfast.webhook_endpoints, holdfast.webhook_deliveries, holdfast.webhook_tries
  to holdfast_app, holdfast_auditor;
grant insert on holdfast.webhook_endpoints to holdfast_app;
grant update (url, types, description, in_order, secret, old_secret, old_secret_until, state,
  disabled_reason, failures, failing_since, paused_until, tests, metadata, version, updated_at,
  deleted_at) on holdfast.webhook_endpoints to holdfast_app;
revoke all on function
  holdfast.webhook_claim(int), holdfast.webhook_tried(text, jsonb, boolean),
  holdfast.webhook_replay(text, text, timestamptz, timestamptz, boolean),
  holdfast.plan_deliveries(), holdfast.webhook_judged(holdfast.webhook_endpoints, jsonb, boolean)
  from public;
grant execute on function
  holdfast.webhook_claim(int), holdfast.webhook_tried(text, jsonb, boolean),
  holdfast.webhook_replay(text, text, timestamptz, timestamptz, boolean) to holdfast_app;
