-- What Holdfast knows beside the books: who there is, what was agreed, asked, done and sent.
-- Every row carries platform_id and livemode; every query filters on both (security.md, 2).
-- Times that are compared again have milliseconds, as the programs have.

create table holdfast.platforms (
  id text primary key check (id ~ '^plt_'),
  name text not null,
  created_at timestamptz(3) not null default clock_timestamp()
);

-- The secret is shown once; its hash is what is kept (security.md, section 1).
create table holdfast.api_keys (
  id text primary key,                                  -- the public part
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  created_at timestamptz(3) not null default clock_timestamp(),
  revoked_at timestamptz(3)
);

-- One configured login at one provider.
create table holdfast.connections (
  id text primary key check (id ~ '^con_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  provider text not null,
  token text not null,
  webhook_secret text not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  unique (platform_id, livemode, provider)
);

create table holdfast.accounts (
  id text primary key check (id ~ '^acc_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  kind text not null check (kind in ('person', 'company')),
  name text not null,
  email text not null,
  phone text,
  country text check (country ~ '^[A-Z]{2}$'),       -- ISO 3166-1 alpha-2
  metadata jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);
create unique index accounts_email on holdfast.accounts (platform_id, livemode, lower(email));
create index accounts_list on holdfast.accounts (platform_id, livemode, created_at, id);

-- Where money goes. A payout fixes the row when it is planned; rows are never edited.
create table holdfast.payout_destinations (
  id text primary key check (id ~ '^dst_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  account_id text not null references holdfast.accounts,
  provider text not null,
  reference text not null,
  name text not null,
  currency text not null,
  is_default boolean not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  deleted_at timestamptz(3)
);
create unique index payout_destinations_default
  on holdfast.payout_destinations (account_id, currency) where is_default and deleted_at is null;
create index payout_destinations_list on holdfast.payout_destinations (account_id, created_at, id);

-- Simulated time: real time and an offset that only grows.
create table holdfast.test_clocks (
  id text primary key check (id ~ '^clk_'),
  platform_id text not null references holdfast.platforms,
  livemode boolean not null check (not livemode),
  offset_ms bigint not null,
  version int not null default 1,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);

-- What a platform allows in terms. Each change is a row of its own, so that old ones stay readable.
create table holdfast.policies (
  platform_id text not null references holdfast.platforms,
  livemode boolean not null,
  version int not null check (version > 0),
  policy jsonb not null,                                -- without its version
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (platform_id, livemode, version)
);
