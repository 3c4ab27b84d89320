-- Owns the simulated bank's own book (`providers.md`, section 5): connections, objects, movements,
-- keys, scripts, clocks, webhooks. Must not know anything of schema `holdfast` or `ledger`.

create table sandbox.connections (
  id text primary key check (id ~ '^con_[a-zA-Z0-9_]{1,60}$'),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  webhook_url text,
  webhook_secret text not null check (length(webhook_secret) >= 16),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- A test clock runs at normal speed, jumps forward, never back: what is kept is its lead over real
-- time (`temporal.md`, section 5).
create table sandbox.clocks (
  connection_id text not null references sandbox.connections,
  id text not null check (id ~ '^clk_[a-zA-Z0-9_]{1,60}$'),
  lead_ms bigint not null,
  primary key (connection_id, id)
);

create table sandbox.objects (
  id text primary key,
  connection_id text not null references sandbox.connections,
  kind text not null check (kind in ('payment', 'payout', 'refund')),
  reference text not null,             -- not unique: a bank that forgets keys takes an order twice
  amount bigint not null check (amount between 1 and 9007199254740991),
  currency text not null,
  state text not null,
  version integer not null default 1 check (version >= 1),
  payer jsonb,
  destination jsonb,
  payment text,                        -- of a refund: reference of what is given back
  description text not null,
  return_url text,
  script jsonb not null,
  clock text,
  settled_amount bigint check (settled_amount between 1 and 9007199254740991),
  failure jsonb,
  next_step text check (next_step in ('send', 'finish', 'expire', 'return')),
  next_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  settled_at timestamptz,
  returned_at timestamptz,
  foreign key (connection_id, clock) references sandbox.clocks (connection_id, id),
  check ((payer is not null) = (kind = 'payment')),
  check ((destination is not null) = (kind = 'payout')),
  check ((payment is not null) = (kind = 'refund')),
  check ((next_step is null) = (next_at is null)),
  check ((settled_at is null) = (settled_amount is null)),
  check ((failure is not null) = (state in ('declined', 'cancelled', 'expired', 'failed'))),
  check (case kind
    when 'payment' then state in ('pending', 'settled', 'declined', 'cancelled', 'expired')
    else state in ('pending', 'sent', 'settled', 'failed', 'returned') end)
);
create index objects_by_reference on sandbox.objects (connection_id, kind, reference, created_at);
create index objects_refunds on sandbox.objects (connection_id, payment) where kind = 'refund';
create index objects_due on sandbox.objects (next_at) where next_at is not null;

-- What a caller has been told stays true: an end stays an end, an order keeps its amount, and a
-- state changes along the arrows of the page only.
create function sandbox.guard_object() returns trigger
language plpgsql set search_path = sandbox, pg_temp as $$
begin
  if new.version <> old.version + 1 then
    raise exception 'object % is at version %, not %', old.id, old.version, new.version - 1;
  end if;
  if (new.id, new.connection_id, new.kind, new.reference, new.amount, new.currency, new.payer,
      new.destination, new.payment, new.clock, new.created_at)
    is distinct from (old.id, old.connection_id, old.kind, old.reference, old.amount,
      old.currency, old.payer, old.destination, old.payment, old.clock, old.created_at) then
    raise exception 'the order of object % cannot change', old.id;
  end if;
  if old.state || ' ' || new.state not in (
    'pending pending', 'pending settled', 'pending declined', 'pending cancelled',
    'pending expired', 'pending sent', 'pending failed', 'sent settled', 'sent failed',
    'settled returned') then
    raise exception 'object % cannot go from % to %', old.id, old.state, new.state;
  end if;
  return new;
end $$;
create trigger guard before update on sandbox.objects
  for each row execute function sandbox.guard_object();

-- Per connection and currency: `outside` (payers), `balance` (ours), `in_transit` (payouts under
-- way), `destination:…`. Only `outside` may be below zero: it is where all money came from.
create table sandbox.accounts (
  id bigint generated always as identity primary key,
  connection_id text not null references sandbox.connections,
  code text not null check (code in ('outside', 'balance', 'in_transit')
    or code ~ '^destination:.'),
  currency text not null,
  balance bigint not null default 0,
  unique (connection_id, code, currency),
  unique (id, currency),
  check (abs(balance) <= 9007199254740991),
  constraint balance_too_low check (code = 'outside' or balance >= 0)
);

-- One row is both sides of a movement, so an unbalanced one cannot be written. A step of an object
-- moves money once, whatever the program does.
create table sandbox.movements (
  id bigint generated always as identity primary key,
  object_id text not null references sandbox.objects,
  step text not null check (step in ('reserve', 'settle', 'release', 'return')),
  from_account bigint not null,
  to_account bigint not null,
  amount bigint not null check (amount between 1 and 9007199254740991),
  currency text not null,
  at timestamptz not null,             -- the bank's time, virtual when the object has a clock
  written_at timestamptz not null default clock_timestamp(),
  unique (object_id, step),
  foreign key (from_account, currency) references sandbox.accounts (id, currency),
  foreign key (to_account, currency) references sandbox.accounts (id, currency),
  check (from_account <> to_account)
);

-- Balances follow movements here and nowhere else: the bank's program may not write a balance.
create function sandbox.carry_movement() returns trigger
language plpgsql security definer set search_path = sandbox, pg_temp as $$
begin
  perform 1 from accounts where id in (new.from_account, new.to_account) order by id for update;
  update accounts set balance = balance - new.amount where id = new.from_account;
  update accounts set balance = balance + new.amount where id = new.to_account;
  return null;
end $$;
create trigger carry after insert on sandbox.movements
  for each row execute function sandbox.carry_movement();

create function sandbox.deny_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger append_only before update or delete or truncate on sandbox.movements
  for each statement execute function sandbox.deny_change();

create view sandbox.postings as
  select id as movement_id, object_id, step, from_account as account_id, -amount as amount,
    currency, at from sandbox.movements
  union all
  select id, object_id, step, to_account, amount, currency, at from sandbox.movements;

create table sandbox.keys (
  connection_id text not null references sandbox.connections,
  key text not null check (length(key) between 1 and 255),
  body_hash bytea not null check (octet_length(body_hash) = 32),
  status integer not null,
  body text not null,
  clock text,
  made_at timestamptz not null,        -- the bank's time: a key is forgotten by virtual time
  primary key (connection_id, key)
);

create table sandbox.scripts (
  id text primary key,
  connection_id text not null references sandbox.connections,
  calls text not null check (calls in ('payments', 'payouts', 'refunds')),
  reference text,
  uses_left integer check (uses_left >= 0),
  script jsonb not null,
  made_at timestamptz not null default clock_timestamp(),
  unique (connection_id, calls, reference),
  check ((reference is null) <> (uses_left is null))
);
create index scripts_waiting on sandbox.scripts (connection_id, calls, made_at)
  where uses_left > 0;

create table sandbox.webhooks (
  id text primary key,
  connection_id text not null references sandbox.connections,
  object_id text not null references sandbox.objects,
  reference text not null,
  type text not null,
  body text not null,
  state text not null check (state in ('queued', 'held', 'dropped', 'delivered')),
  copies integer not null default 1 check (copies between 1 and 20),
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  last_answer text,
  created_at timestamptz not null default now(),
  delivered_at timestamptz
);
create index webhooks_due on sandbox.webhooks (next_at) where state = 'queued';
create index webhooks_by_reference on sandbox.webhooks (connection_id, reference);

revoke all on function sandbox.carry_movement(), sandbox.guard_object(), sandbox.deny_change()
  from public;
grant usage on schema sandbox to holdfast_sandbox, holdfast_auditor;
grant select on all tables in schema sandbox to holdfast_sandbox;
grant insert, update on sandbox.connections, sandbox.clocks, sandbox.objects, sandbox.keys,
  sandbox.scripts, sandbox.webhooks to holdfast_sandbox;
grant insert (connection_id, code, currency) on sandbox.accounts to holdfast_sandbox;
grant insert (object_id, step, from_account, to_account, amount, currency, at)
  on sandbox.movements to holdfast_sandbox;
-- The proof of reconciliation reads the book, never a token or a secret.
grant select on sandbox.objects, sandbox.accounts, sandbox.movements, sandbox.postings
  to holdfast_auditor;
