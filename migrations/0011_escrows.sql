-- The agreements: what was agreed, asked, done and sent. Times that are compared again have
-- milliseconds, as the programs have.

-- The read model: the state of the domain after the last recorded step, and what is filtered on.
-- A draft has version 0 and no workflow.
create table holdfast.escrows (
  id text primary key check (id ~ '^esc_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  version int not null default 0,                       -- number of the last event
  engagement_id text,
  draft jsonb,                                          -- as asked; gone when it is sent
  terms jsonb not null,
  terms_hash text not null,
  state jsonb not null,                                 -- without terms
  status text not null,
  status_code text not null,
  type text not null,
  currency text not null,
  amount bigint not null,
  title text not null,
  disputed boolean not null default false,
  on_hold boolean not null default false,
  deadline_at timestamptz(3),                           -- the next default
  wake_at timestamptz(3),                               -- the next default or reminder
  stuck text,                                           -- only people can mend it
  test_clock_id text references holdfast.test_clocks,
  metadata jsonb not null default '{}',
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
) with (fillfactor = 80);
create unique index escrows_engagement
  on holdfast.escrows (platform_id, livemode, engagement_id) where engagement_id is not null;
create index escrows_list on holdfast.escrows (platform_id, livemode, created_at, id);
create index escrows_clock on holdfast.escrows (test_clock_id) where test_clock_id is not null;

create table holdfast.parties (
  id text primary key check (id ~ '^pty_'),
  escrow_id text not null references holdfast.escrows on delete cascade,
  account_id text not null references holdfast.accounts,
  position int not null,
  role text not null
);
create index parties_escrow on holdfast.parties (escrow_id);
create index parties_account on holdfast.parties (account_id, role);

create table holdfast.milestones (
  id text primary key check (id ~ '^mil_'),
  escrow_id text not null references holdfast.escrows on delete cascade,
  number int not null,
  due_at timestamptz(3) not null,
  unique (escrow_id, number)
);
create index milestones_due on holdfast.milestones (due_at);

-- Terms that an amendment or another party has replaced, readable by their hash; written by the
-- recording step.
create table holdfast.old_terms (
  escrow_id text not null references holdfast.escrows,
  terms_hash text not null,
  terms jsonb not null,
  until_version int not null,                           -- of the event that replaced them
  primary key (escrow_id, terms_hash)
);

-- The arbiter's queue, written by the recording step.
create table holdfast.disputes (
  id text primary key check (id ~ '^dis_'),
  platform_id text not null,
  livemode boolean not null,
  escrow_id text not null references holdfast.escrows,
  milestone_id text not null,
  status text not null check (status in
    ('open', 'negotiating', 'with_handler', 'withdrawn', 'ruled')),
  handler text,                                         -- platform, or an account
  due_at timestamptz(3),
  view jsonb not null,
  version int not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);
create index disputes_list on holdfast.disputes (platform_id, livemode, created_at, id);
create index disputes_escrow on holdfast.disputes (escrow_id);

-- Written with the command row, so that it works before the workflow hears of it (contracts, 7).
create table holdfast.holds (
  escrow_id text primary key references holdfast.escrows,
  command_id text not null,
  reason text not null,
  created_at timestamptz(3) not null default clock_timestamp()
);

create table holdfast.events (
  escrow_id text not null references holdfast.escrows,
  number int not null,
  step int not null,                                    -- number of the first event of its step
  id text not null unique,
  platform_id text not null,
  livemode boolean not null,
  type text not null,
  at timestamptz(3) not null,                           -- the escrow's time
  command_id text not null,
  actor jsonb not null,
  status text not null,                                 -- after it
  status_code text not null,
  data jsonb not null,
  recorded_at timestamptz(3) not null default clock_timestamp(),
  primary key (escrow_id, number)
);

-- One row per thing asked. The id is the update id, the signal's argument and the key of a repeat.
create table holdfast.commands (
  id text primary key check (id ~ '^cmd_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  escrow_id text,
  type text not null,
  body jsonb not null,
  actor jsonb not null,
  signature text,
  expected_version int,
  request_hash bytea not null,
  request_id text,
  -- where an Idempotency-Key finds it again
  actor_key text,
  route text,
  idempotency_key text,
  http_hash bytea,
  accepted_at timestamptz(3) not null,                  -- the escrow's time
  created_at timestamptz(3) not null default clock_timestamp(),
  handed_over_at timestamptz(3),
  handed_over_by text check (handed_over_by in ('start', 'update', 'signal')),
  answered_at timestamptz(3),
  outcome text check (outcome in ('done', 'refused')),
  refusal jsonb,
  version int,                                          -- of the escrow after it
  status int,                                           -- first HTTP status
  answer jsonb                                          -- first HTTP body
);
create unique index commands_idempotency
  on holdfast.commands (platform_id, livemode, actor_key, route, idempotency_key)
  where idempotency_key is not null;
create index commands_waiting on holdfast.commands (escrow_id, accepted_at)
  where answered_at is null;
create index commands_to_hand_over on holdfast.commands (created_at)
  where handed_over_at is null and answered_at is null;

-- What a provider must do for us, and each try at it (providers.md, section 2).
create table holdfast.effects (
  id text primary key,
  kind text not null check (kind in ('payment', 'disbursement', 'withdrawal', 'refund')),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  connection_id text references holdfast.connections,
  escrow_id text references holdfast.escrows,
  milestone_id text,
  account_id text not null references holdfast.accounts,
  currency text not null,
  amount bigint not null check (amount > 0),
  destination_id text references holdfast.payout_destinations,
  payment_id text references holdfast.effects,          -- of a refund: what is given back
  state text not null check (state in
    ('planned', 'sent', 'settled', 'failed', 'unknown', 'parked', 'returned', 'cancelled')),
  attempt int not null default 1,
  reservation int not null default 0,                   -- times taken from the wallet
  reason text,
  payer_action jsonb,
  settled_amount bigint,
  fee bigint not null default 0,
  returnable_until timestamptz(3),
  applied bigint,                                       -- of a payment: taken by its escrow
  request jsonb not null default '{}',                  -- what the provider is told beside
  metadata jsonb not null default '{}',
  test_clock_id text references holdfast.test_clocks,
  started_at timestamptz(3),                            -- its script has been started
  version int not null default 1,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);
create index effects_list on holdfast.effects (platform_id, livemode, kind, created_at, id);
create index effects_escrow on holdfast.effects (escrow_id) where escrow_id is not null;
create index effects_to_start on holdfast.effects (created_at)
  where started_at is null and state = 'planned';
create index effects_attention on holdfast.effects (platform_id, livemode)
  where state in ('failed', 'unknown', 'parked', 'returned');

create table holdfast.attempts (
  effect_id text not null references holdfast.effects,
  number int not null,
  reference text not null unique,                       -- what the provider sees of us
  state text not null check (state in ('sent', 'settled', 'failed', 'unknown', 'returned')),
  theirs text,                                          -- the provider's id
  detail jsonb,
  sent_at timestamptz(3) not null default clock_timestamp(),
  answered_at timestamptz(3),
  primary key (effect_id, number)
);
-- One live attempt per effect.
create unique index attempts_live on holdfast.attempts (effect_id)
  where state in ('sent', 'unknown');

-- Every event of every subject in the order of its sequence; what receivers catch up with.
create table holdfast.outbox (
  id bigint generated always as identity primary key,
  event_id text not null unique,
  platform_id text not null,
  livemode boolean not null,
  subject text not null,
  sequence int not null,
  type text not null,
  escrow_id text,
  data jsonb not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  unique (subject, sequence)
);
create index outbox_list on holdfast.outbox (platform_id, livemode, id);

create table holdfast.webhook_inbox (
  connection_id text not null references holdfast.connections,
  webhook_id text not null,
  kind text not null,
  reference text not null,
  body text not null,
  received_at timestamptz(3) not null default clock_timestamp(),
  woken_at timestamptz(3),
  primary key (connection_id, webhook_id)
);
create index webhook_inbox_waiting on holdfast.webhook_inbox (received_at) where woken_at is null;

-- One row a step (the chain comes later). Digests and ids, no personal data.
create table holdfast.audit (
  id bigint generated always as identity primary key,
  platform_id text not null,
  livemode boolean not null,
  stream text not null,
  action text not null,
  object text not null,
  version int,
  actor jsonb not null,
  command_id text,
  request_id text,
  decision text not null,
  at timestamptz(3) not null default clock_timestamp()
);
create index audit_stream on holdfast.audit (stream, id);
