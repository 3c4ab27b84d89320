-- The tables of the ledger (ledger.md, section 3). Stored sign: debit positive, credit negative.
-- A function is executable by nobody but its owner until somebody grants it.
alter default privileges for role holdfast_owner revoke execute on functions from public;

-- Types instead of CHECKs where a posting writes: PostgreSQL reads the text of every CHECK anew
-- for each statement, a domain's only once, and a post is a matter of microseconds.
create type ledger.account_status as enum ('open', 'frozen', 'closed');
create domain ledger.minor as bigint
  check (value between -9007199254740991 and 9007199254740991);
create domain ledger.posted_minor as ledger.minor check (value <> 0);
-- A blank would split a key in the list of needed keys that post_journal takes.
create domain ledger.journal_key as text collate "C"
  check (length(value) between 1 and 200 and strpos(value, ' ') = 0);
create domain ledger.sha256 as bytea check (octet_length(value) = 32);

create table ledger.currencies (
  code text collate "C" primary key,
  numeric_code text unique check (numeric_code ~ '^\d{3}$'),
  exponent smallint not null check (exponent between 0 and 9),
  part text not null check (part in ('iso', 'asset')),
  list_date date not null,
  chain_decimals smallint check (chain_decimals between 0 and 36),
  check ((part = 'iso') = (numeric_code is not null)),
  check ((part = 'asset') = (chain_decimals is not null))
);

create table ledger.chart (
  kind text collate "C" primary key,
  code text not null,
  side smallint not null check (side in (-1, 1)),
  floor bigint,
  mode text not null check (mode in ('tracked', 'accumulate')),
  open_item boolean not null,
  client text check (client in ('asset', 'liability')),
  -- A floor needs a row to test it on; open items are found in postings without a version.
  check (floor is null or mode = 'tracked'),
  check (not open_item or mode = 'accumulate')
);

create table ledger.accounts (
  id bigint generated always as identity primary key,
  platform_id text collate "C" not null,
  livemode boolean not null,
  code text collate "C" not null check (length(code) <= 200),
  currency text collate "C" not null references ledger.currencies,
  kind text collate "C" not null references ledger.chart,
  tracked boolean not null,
  status ledger.account_status not null default 'open',
  owner text collate "C",
  opened_at timestamptz not null default clock_timestamp(),
  unique (platform_id, livemode, code, currency),
  unique (id, currency)
);
create index accounts_owner on ledger.accounts (owner) where owner is not null;
create index accounts_accumulate on ledger.accounts (id) where not tracked;

-- One row per tracked ledger account, and the only row of the ledger that is ever updated by a
-- posting. No further index and room on each page, so that the update stays on it (HOT).
create table ledger.balances (
  account_id bigint primary key references ledger.accounts,
  amount ledger.minor not null default 0,
  version bigint not null default 0,
  side smallint not null,
  floor bigint,
  status ledger.account_status not null default 'open',
  constraint balances_floor check (side * amount >= floor) -- unknown passes: no floor, no limit
) with (fillfactor = 60);

create table ledger.journals (
  id bigint generated always as identity primary key,
  key ledger.journal_key not null,
  req_hash ledger.sha256 not null,
  type text not null,
  platform_id text collate "C" not null,
  livemode boolean not null,
  effective_at timestamptz not null,
  asked_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(),
  reverses_id bigint references ledger.journals,
  terminal text collate "C",
  subject text collate "C" not null,
  meta jsonb
);
create unique index journals_key on ledger.journals (key);
create unique index journals_reverses on ledger.journals (reverses_id)
  where reverses_id is not null;
create unique index journals_terminal on ledger.journals (terminal) where terminal is not null;
create index journals_subject on ledger.journals (subject);

-- No foreign key to journals: the trigger on this table refuses a row whose journal is not of
-- the same transaction, which says more and costs less.
create table ledger.postings (
  journal_id bigint not null,
  line smallint not null,
  account_id bigint not null,
  currency text collate "C" not null,
  amount ledger.posted_minor not null,
  balance_after ledger.minor,
  version bigint,
  ref text collate "C",
  xid xid8 not null default pg_current_xact_id(),
  posted_at timestamptz not null default clock_timestamp(),
  primary key (journal_id, line),
  foreign key (account_id, currency) references ledger.accounts (id, currency)
);
create unique index postings_version on ledger.postings (account_id, version)
  where version is not null;
create index postings_xid on ledger.postings (account_id, xid) where version is null;
create index postings_ref on ledger.postings (ref, account_id) where ref is not null;

-- An accumulate ledger account as it stood below a transaction id; count: postings behind it.
create table ledger.checkpoints (
  account_id bigint not null references ledger.accounts,
  horizon xid8 not null,
  amount numeric not null,
  count bigint not null,
  taken_at timestamptz not null default clock_timestamp(),
  primary key (account_id, horizon)
);

create table ledger.proofs (
  id bigint generated always as identity primary key,
  platform_id text collate "C",
  livemode boolean,
  taken_at timestamptz not null default clock_timestamp(),
  ok boolean not null,
  result jsonb not null,
  first_break text
);
