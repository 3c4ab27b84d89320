-- Printed by migrations/print.ts from the catalog of a freshly migrated database:
-- what all migrations come to. Not run by anybody. Functions stand with the hash of their
-- text, views with their columns; each file stands with its hash at the end.

schema holdfast owner holdfast_owner
  grant usage to holdfast_app
  grant usage to holdfast_auditor
  grant usage to holdfast_keeper

schema ledger owner holdfast_owner
  grant usage to holdfast_app
  grant usage to holdfast_auditor
  grant usage to holdfast_keeper

schema sandbox owner holdfast_owner
  grant usage to holdfast_auditor
  grant usage to holdfast_sandbox

type ledger.account_status as enum ('open', 'frozen', 'closed')

domain ledger.journal_key as text
  CHECK ((((length(VALUE) >= 1) AND (length(VALUE) <= 200)) AND (strpos(VALUE, ' '::text) = 0)))

domain ledger.minor as bigint
  CHECK (((VALUE >= '-9007199254740991'::bigint) AND (VALUE <= '9007199254740991'::bigint)))

domain ledger.posted_minor as ledger.minor
  CHECK (((VALUE)::bigint <> 0))

domain ledger.sha256 as bytea
  CHECK ((octet_length(VALUE) = 32))

table holdfast.accounts
  id text not null
  platform_id text not null
  livemode boolean not null
  kind text not null
  name text not null
  email text not null
  phone text
  country text
  metadata jsonb not null default '{}'::jsonb
  version integer not null default 1
  created_at timestamp(3) with time zone not null default clock_timestamp()
  updated_at timestamp(3) with time zone not null default clock_timestamp()
  constraint accounts_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
  constraint accounts_id_check CHECK ((id ~ '^acc_'::text))
  constraint accounts_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'company'::text])))
  constraint accounts_pkey PRIMARY KEY (id)
  constraint accounts_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  CREATE UNIQUE INDEX accounts_email ON holdfast.accounts USING btree (platform_id, livemode, lower(email))
  CREATE INDEX accounts_list ON holdfast.accounts USING btree (platform_id, livemode, created_at, id)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.api_keys
  id text not null
  platform_id text not null
  livemode boolean not null
  secret_hash bytea not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  revoked_at timestamp(3) with time zone
  constraint api_keys_pkey PRIMARY KEY (id)
  constraint api_keys_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  constraint api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.attempts
  effect_id text not null
  number integer not null
  reference text not null
  state text not null
  theirs text
  detail jsonb
  sent_at timestamp(3) with time zone not null default clock_timestamp()
  answered_at timestamp(3) with time zone
  send_before timestamp(3) with time zone
  constraint attempts_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES holdfast.effects(id)
  constraint attempts_pkey PRIMARY KEY (effect_id, number)
  constraint attempts_reference_key UNIQUE (reference)
  constraint attempts_state_check CHECK ((state = ANY (ARRAY['sent'::text, 'settled'::text, 'failed'::text, 'unknown'::text, 'returned'::text])))
  CREATE UNIQUE INDEX attempts_live ON holdfast.attempts USING btree (effect_id) WHERE (state = ANY (ARRAY['sent'::text, 'unknown'::text]))
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.audit
  id bigint not null identity always
  platform_id text not null
  livemode boolean not null
  stream text not null
  action text not null
  object text not null
  version integer
  actor jsonb not null
  command_id text
  request_id text
  decision text not null
  at timestamp(3) with time zone not null default clock_timestamp()
  constraint audit_pkey PRIMARY KEY (id)
  CREATE INDEX audit_stream ON holdfast.audit USING btree (stream, id)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.audit FOR EACH STATEMENT EXECUTE FUNCTION holdfast.deny_change()
  grant insert, select to holdfast_app
  grant select to holdfast_auditor

table holdfast.commands
  id text not null
  platform_id text not null
  livemode boolean not null
  escrow_id text
  type text not null
  body jsonb not null
  actor jsonb not null
  signature text
  expected_version integer
  request_hash bytea not null
  request_id text
  actor_key text
  route text
  idempotency_key text
  http_hash bytea
  accepted_at timestamp(3) with time zone not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  handed_over_at timestamp(3) with time zone
  handed_over_by text
  answered_at timestamp(3) with time zone
  outcome text
  refusal jsonb
  version integer
  status integer
  answer jsonb
  constraint commands_handed_over_by_check CHECK ((handed_over_by = ANY (ARRAY['start'::text, 'update'::text, 'signal'::text])))
  constraint commands_id_check CHECK ((id ~ '^cmd_'::text))
  constraint commands_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text])))
  constraint commands_pkey PRIMARY KEY (id)
  constraint commands_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  CREATE UNIQUE INDEX commands_idempotency ON holdfast.commands USING btree (platform_id, livemode, actor_key, route, idempotency_key) WHERE (idempotency_key IS NOT NULL)
  CREATE INDEX commands_to_hand_over ON holdfast.commands USING btree (created_at) WHERE ((handed_over_at IS NULL) AND (answered_at IS NULL))
  CREATE INDEX commands_waiting ON holdfast.commands USING btree (escrow_id, accepted_at) WHERE (answered_at IS NULL)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.connections
  id text not null
  platform_id text not null
  livemode boolean not null
  provider text not null
  token text not null
  webhook_secret text not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  constraint connections_id_check CHECK ((id ~ '^con_'::text))
  constraint connections_pkey PRIMARY KEY (id)
  constraint connections_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  constraint connections_platform_id_livemode_provider_key UNIQUE (platform_id, livemode, provider)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.disputes
  id text not null
  platform_id text not null
  livemode boolean not null
  escrow_id text not null
  milestone_id text not null
  status text not null
  handler text
  due_at timestamp(3) with time zone
  view jsonb not null
  version integer not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  updated_at timestamp(3) with time zone not null default clock_timestamp()
  constraint disputes_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id)
  constraint disputes_id_check CHECK ((id ~ '^dis_'::text))
  constraint disputes_pkey PRIMARY KEY (id)
  constraint disputes_status_check CHECK ((status = ANY (ARRAY['open'::text, 'negotiating'::text, 'with_handler'::text, 'withdrawn'::text, 'ruled'::text])))
  CREATE INDEX disputes_escrow ON holdfast.disputes USING btree (escrow_id)
  CREATE INDEX disputes_list ON holdfast.disputes USING btree (platform_id, livemode, created_at, id)
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.effects
  id text not null
  kind text not null
  platform_id text not null
  livemode boolean not null
  connection_id text
  escrow_id text
  milestone_id text
  account_id text not null
  currency text not null
  amount bigint not null
  destination_id text
  payment_id text
  state text not null
  attempt integer not null default 1
  reservation integer not null default 0
  reason text
  payer_action jsonb
  settled_amount bigint
  fee bigint not null default 0
  returnable_until timestamp(3) with time zone
  applied bigint
  request jsonb not null default '{}'::jsonb
  metadata jsonb not null default '{}'::jsonb
  test_clock_id text
  started_at timestamp(3) with time zone
  version integer not null default 1
  created_at timestamp(3) with time zone not null default clock_timestamp()
  updated_at timestamp(3) with time zone not null default clock_timestamp()
  constraint effects_account_id_fkey FOREIGN KEY (account_id) REFERENCES holdfast.accounts(id)
  constraint effects_amount_check CHECK ((amount > 0))
  constraint effects_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES holdfast.connections(id)
  constraint effects_destination_id_fkey FOREIGN KEY (destination_id) REFERENCES holdfast.payout_destinations(id)
  constraint effects_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id)
  constraint effects_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'disbursement'::text, 'withdrawal'::text, 'refund'::text])))
  constraint effects_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES holdfast.effects(id)
  constraint effects_pkey PRIMARY KEY (id)
  constraint effects_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  constraint effects_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sent'::text, 'settled'::text, 'failed'::text, 'unknown'::text, 'parked'::text, 'returned'::text, 'cancelled'::text])))
  constraint effects_test_clock_id_fkey FOREIGN KEY (test_clock_id) REFERENCES holdfast.test_clocks(id)
  CREATE INDEX effects_attention ON holdfast.effects USING btree (platform_id, livemode) WHERE (state = ANY (ARRAY['failed'::text, 'unknown'::text, 'parked'::text, 'returned'::text]))
  CREATE INDEX effects_escrow ON holdfast.effects USING btree (escrow_id) WHERE (escrow_id IS NOT NULL)
  CREATE INDEX effects_list ON holdfast.effects USING btree (platform_id, livemode, kind, created_at, id)
  CREATE INDEX effects_to_start ON holdfast.effects USING btree (created_at) WHERE ((started_at IS NULL) AND (state = 'planned'::text))
  grant insert, select to holdfast_app
  grant select to holdfast_auditor
  column started_at
  grant update to holdfast_app

table holdfast.escrows with (fillfactor=80)
  id text not null
  platform_id text not null
  livemode boolean not null
  version integer not null default 0
  engagement_id text
  draft jsonb
  terms jsonb not null
  terms_hash text not null
  state jsonb not null
  status text not null
  status_code text not null
  type text not null
  currency text not null
  amount bigint not null
  title text not null
  disputed boolean not null default false
  on_hold boolean not null default false
  deadline_at timestamp(3) with time zone
  wake_at timestamp(3) with time zone
  stuck text
  test_clock_id text
  metadata jsonb not null default '{}'::jsonb
  created_at timestamp(3) with time zone not null default clock_timestamp()
  updated_at timestamp(3) with time zone not null default clock_timestamp()
  constraint escrows_id_check CHECK ((id ~ '^esc_'::text))
  constraint escrows_pkey PRIMARY KEY (id)
  constraint escrows_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  constraint escrows_test_clock_id_fkey FOREIGN KEY (test_clock_id) REFERENCES holdfast.test_clocks(id)
  CREATE INDEX escrows_clock ON holdfast.escrows USING btree (test_clock_id) WHERE (test_clock_id IS NOT NULL)
  CREATE UNIQUE INDEX escrows_engagement ON holdfast.escrows USING btree (platform_id, livemode, engagement_id) WHERE (engagement_id IS NOT NULL)
  CREATE INDEX escrows_list ON holdfast.escrows USING btree (platform_id, livemode, created_at, id)
  CREATE TRIGGER protect_escrow BEFORE DELETE OR UPDATE ON holdfast.escrows FOR EACH ROW EXECUTE FUNCTION holdfast.protect_escrow()
  grant delete, insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.events
  escrow_id text not null
  number integer not null
  step integer not null
  id text not null
  platform_id text not null
  livemode boolean not null
  type text not null
  at timestamp(3) with time zone not null
  command_id text not null
  actor jsonb not null
  status text not null
  status_code text not null
  data jsonb not null
  recorded_at timestamp(3) with time zone not null default clock_timestamp()
  constraint events_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id)
  constraint events_id_key UNIQUE (id)
  constraint events_pkey PRIMARY KEY (escrow_id, number)
  CREATE INDEX events_default_refused ON holdfast.events USING btree (escrow_id, number) WHERE (type = 'default_refused'::text)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.events FOR EACH STATEMENT EXECUTE FUNCTION holdfast.deny_change()
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.holds
  escrow_id text not null
  command_id text not null
  reason text not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  constraint holds_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id)
  constraint holds_pkey PRIMARY KEY (escrow_id)
  grant delete, insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.migrations
  id integer not null default nextval('holdfast.migrations_id_seq'::regclass)
  name character varying(255)
  batch integer
  migration_time timestamp with time zone
  constraint migrations_pkey PRIMARY KEY (id)
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.migrations_lock
  index integer not null default nextval('holdfast.migrations_lock_index_seq'::regclass)
  is_locked integer
  constraint migrations_lock_pkey PRIMARY KEY (index)
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.milestones
  id text not null
  escrow_id text not null
  number integer not null
  due_at timestamp(3) with time zone not null
  constraint milestones_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id) ON DELETE CASCADE
  constraint milestones_escrow_id_number_key UNIQUE (escrow_id, number)
  constraint milestones_id_check CHECK ((id ~ '^mil_'::text))
  constraint milestones_pkey PRIMARY KEY (id)
  CREATE INDEX milestones_due ON holdfast.milestones USING btree (due_at)
  grant delete, insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.old_terms
  escrow_id text not null
  terms_hash text not null
  terms jsonb not null
  until_version integer not null
  constraint old_terms_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id)
  constraint old_terms_pkey PRIMARY KEY (escrow_id, terms_hash)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.old_terms FOR EACH STATEMENT EXECUTE FUNCTION holdfast.deny_change()
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.outbox
  id bigint not null identity always
  event_id text not null
  platform_id text not null
  livemode boolean not null
  subject text not null
  sequence integer not null
  type text not null
  escrow_id text
  data jsonb not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  constraint outbox_event_id_key UNIQUE (event_id)
  constraint outbox_pkey PRIMARY KEY (id)
  constraint outbox_subject_sequence_key UNIQUE (subject, sequence)
  CREATE INDEX outbox_list ON holdfast.outbox USING btree (platform_id, livemode, id)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.outbox FOR EACH STATEMENT EXECUTE FUNCTION holdfast.deny_change()
  CREATE TRIGGER plan_deliveries AFTER INSERT ON holdfast.outbox REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION holdfast.plan_deliveries()
  grant insert, select to holdfast_app
  grant select to holdfast_auditor

table holdfast.parties
  id text not null
  escrow_id text not null
  account_id text not null
  position integer not null
  role text not null
  constraint parties_account_id_fkey FOREIGN KEY (account_id) REFERENCES holdfast.accounts(id)
  constraint parties_escrow_id_fkey FOREIGN KEY (escrow_id) REFERENCES holdfast.escrows(id) ON DELETE CASCADE
  constraint parties_id_check CHECK ((id ~ '^pty_'::text))
  constraint parties_pkey PRIMARY KEY (id)
  CREATE INDEX parties_account ON holdfast.parties USING btree (account_id, role)
  CREATE INDEX parties_escrow ON holdfast.parties USING btree (escrow_id)
  grant delete, insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.payout_destinations
  id text not null
  platform_id text not null
  livemode boolean not null
  account_id text not null
  provider text not null
  reference text not null
  name text not null
  currency text not null
  is_default boolean not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  deleted_at timestamp(3) with time zone
  constraint payout_destinations_account_id_fkey FOREIGN KEY (account_id) REFERENCES holdfast.accounts(id)
  constraint payout_destinations_id_check CHECK ((id ~ '^dst_'::text))
  constraint payout_destinations_pkey PRIMARY KEY (id)
  constraint payout_destinations_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  CREATE UNIQUE INDEX payout_destinations_default ON holdfast.payout_destinations USING btree (account_id, currency) WHERE (is_default AND (deleted_at IS NULL))
  CREATE INDEX payout_destinations_list ON holdfast.payout_destinations USING btree (account_id, created_at, id)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.platforms
  id text not null
  name text not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  constraint platforms_id_check CHECK ((id ~ '^plt_'::text))
  constraint platforms_pkey PRIMARY KEY (id)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.policies
  platform_id text not null
  livemode boolean not null
  version integer not null
  policy jsonb not null
  created_at timestamp(3) with time zone not null default clock_timestamp()
  constraint policies_pkey PRIMARY KEY (platform_id, livemode, version)
  constraint policies_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  constraint policies_version_check CHECK ((version > 0))
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.policies FOR EACH STATEMENT EXECUTE FUNCTION holdfast.deny_change()
  grant insert, select to holdfast_app
  grant select to holdfast_auditor

table holdfast.test_clocks
  id text not null
  platform_id text not null
  livemode boolean not null
  offset_ms bigint not null
  version integer not null default 1
  created_at timestamp(3) with time zone not null default clock_timestamp()
  updated_at timestamp(3) with time zone not null default clock_timestamp()
  constraint test_clocks_id_check CHECK ((id ~ '^clk_'::text))
  constraint test_clocks_livemode_check CHECK ((NOT livemode))
  constraint test_clocks_pkey PRIMARY KEY (id)
  constraint test_clocks_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.webhook_deliveries
  endpoint_id text not null
  outbox_id bigint not null
  id text not null
  subject text not null
  sequence integer not null
  state text not null default 'pending'::text
  tries integer not null default 0
  next_at timestamp(3) with time zone not null default clock_timestamp()
  last_status integer
  last_error text
  delivered_at timestamp(3) with time zone
  created_at timestamp(3) with time zone not null default clock_timestamp()
  constraint webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES holdfast.webhook_endpoints(id)
  constraint webhook_deliveries_id_key UNIQUE (id)
  constraint webhook_deliveries_outbox_id_fkey FOREIGN KEY (outbox_id) REFERENCES holdfast.outbox(id)
  constraint webhook_deliveries_pkey PRIMARY KEY (endpoint_id, outbox_id)
  constraint webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
  CREATE INDEX webhook_deliveries_due ON holdfast.webhook_deliveries USING btree (endpoint_id, next_at, outbox_id) WHERE (state = 'pending'::text)
  CREATE INDEX webhook_deliveries_failed ON holdfast.webhook_deliveries USING btree (endpoint_id) WHERE (state = 'failed'::text)
  CREATE INDEX webhook_deliveries_list ON holdfast.webhook_deliveries USING btree (endpoint_id, created_at, id)
  CREATE INDEX webhook_deliveries_order ON holdfast.webhook_deliveries USING btree (endpoint_id, subject, sequence) WHERE (state = 'pending'::text)
  grant select to holdfast_app
  grant select to holdfast_auditor

table holdfast.webhook_endpoints
  id text not null
  platform_id text not null
  livemode boolean not null
  url text not null
  types text[] not null
  description text
  in_order boolean not null
  secret text not null
  old_secret text
  old_secret_until timestamp(3) with time zone
  state text not null
  disabled_reason text
  failures integer not null default 0
  failing_since timestamp(3) with time zone
  paused_until timestamp(3) with time zone
  leased_until timestamp(3) with time zone
  tests integer not null default 0
  metadata jsonb not null default '{}'::jsonb
  version integer not null default 1
  created_at timestamp(3) with time zone not null default clock_timestamp()
  updated_at timestamp(3) with time zone not null default clock_timestamp()
  deleted_at timestamp(3) with time zone
  constraint webhook_endpoints_check CHECK (((state = 'disabled'::text) = (disabled_reason IS NOT NULL)))
  constraint webhook_endpoints_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['asked'::text, 'gone'::text, 'failing'::text])))
  constraint webhook_endpoints_id_check CHECK ((id ~ '^whe_'::text))
  constraint webhook_endpoints_pkey PRIMARY KEY (id)
  constraint webhook_endpoints_platform_id_fkey FOREIGN KEY (platform_id) REFERENCES holdfast.platforms(id)
  constraint webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text])))
  CREATE INDEX webhook_endpoints_list ON holdfast.webhook_endpoints USING btree (platform_id, livemode, created_at, id) WHERE (deleted_at IS NULL)
  grant insert, select to holdfast_app
  grant select to holdfast_auditor
  column url
  grant update to holdfast_app
  column types
  grant update to holdfast_app
  column description
  grant update to holdfast_app
  column in_order
  grant update to holdfast_app
  column secret
  grant update to holdfast_app
  column old_secret
  grant update to holdfast_app
  column old_secret_until
  grant update to holdfast_app
  column state
  grant update to holdfast_app
  column disabled_reason
  grant update to holdfast_app
  column failures
  grant update to holdfast_app
  column failing_since
  grant update to holdfast_app
  column paused_until
  grant update to holdfast_app
  column tests
  grant update to holdfast_app
  column metadata
  grant update to holdfast_app
  column version
  grant update to holdfast_app
  column updated_at
  grant update to holdfast_app
  column deleted_at
  grant update to holdfast_app

table holdfast.webhook_inbox
  connection_id text not null
  webhook_id text not null
  kind text not null
  reference text not null
  body text not null
  received_at timestamp(3) with time zone not null default clock_timestamp()
  woken_at timestamp(3) with time zone
  constraint webhook_inbox_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES holdfast.connections(id)
  constraint webhook_inbox_pkey PRIMARY KEY (connection_id, webhook_id)
  CREATE INDEX webhook_inbox_waiting ON holdfast.webhook_inbox USING btree (received_at) WHERE (woken_at IS NULL)
  grant insert, select, update to holdfast_app
  grant select to holdfast_auditor

table holdfast.webhook_tries
  id bigint not null identity always
  endpoint_id text not null
  outbox_id bigint not null
  status integer
  error text
  latency_ms integer not null
  answer text not null
  at timestamp(3) with time zone not null default clock_timestamp()
  constraint webhook_tries_endpoint_id_outbox_id_fkey FOREIGN KEY (endpoint_id, outbox_id) REFERENCES holdfast.webhook_deliveries(endpoint_id, outbox_id)
  constraint webhook_tries_pkey PRIMARY KEY (id)
  CREATE INDEX webhook_tries_of ON holdfast.webhook_tries USING btree (endpoint_id, outbox_id, id)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON holdfast.webhook_tries FOR EACH STATEMENT EXECUTE FUNCTION holdfast.deny_change()
  grant select to holdfast_app
  grant select to holdfast_auditor

table ledger.accounts
  id bigint not null identity always
  platform_id text collate "C" not null
  livemode boolean not null
  code text collate "C" not null
  currency text collate "C" not null
  kind text collate "C" not null
  tracked boolean not null
  status ledger.account_status not null default 'open'::ledger.account_status
  owner text collate "C"
  opened_at timestamp with time zone not null default clock_timestamp()
  constraint accounts_code_check CHECK ((length(code) <= 200))
  constraint accounts_currency_fkey FOREIGN KEY (currency) REFERENCES ledger.currencies(code)
  constraint accounts_id_currency_key UNIQUE (id, currency)
  constraint accounts_kind_fkey FOREIGN KEY (kind) REFERENCES ledger.chart(kind)
  constraint accounts_pkey PRIMARY KEY (id)
  constraint accounts_platform_id_livemode_code_currency_key UNIQUE (platform_id, livemode, code, currency)
  CREATE INDEX accounts_accumulate ON ledger.accounts USING btree (id) WHERE (NOT tracked)
  CREATE INDEX accounts_owner ON ledger.accounts USING btree (owner) WHERE (owner IS NOT NULL)
  CREATE TRIGGER deny_change BEFORE UPDATE OF id, platform_id, livemode, code, currency, kind, tracked, owner ON ledger.accounts FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  CREATE TRIGGER deny_removal BEFORE DELETE OR TRUNCATE ON ledger.accounts FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table ledger.balances with (fillfactor=60)
  account_id bigint not null
  amount ledger.minor not null default 0
  version bigint not null default 0
  side smallint not null
  floor bigint
  status ledger.account_status not null default 'open'::ledger.account_status
  constraint balances_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger.accounts(id)
  constraint balances_floor CHECK (((side * (amount)::bigint) >= floor))
  constraint balances_pkey PRIMARY KEY (account_id)
  CREATE TRIGGER deny_change BEFORE UPDATE OF account_id, side, floor ON ledger.balances FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  CREATE TRIGGER deny_removal BEFORE DELETE OR TRUNCATE ON ledger.balances FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table ledger.chart
  kind text collate "C" not null
  code text not null
  side smallint not null
  floor bigint
  mode text not null
  open_item boolean not null
  client text
  constraint chart_check CHECK (((floor IS NULL) OR (mode = 'tracked'::text)))
  constraint chart_check1 CHECK (((NOT open_item) OR (mode = 'accumulate'::text)))
  constraint chart_client_check CHECK ((client = ANY (ARRAY['asset'::text, 'liability'::text])))
  constraint chart_mode_check CHECK ((mode = ANY (ARRAY['tracked'::text, 'accumulate'::text])))
  constraint chart_pkey PRIMARY KEY (kind)
  constraint chart_side_check CHECK ((side = ANY (ARRAY['-1'::integer, 1])))
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OF kind, code, side, floor, mode, open_item OR TRUNCATE ON ledger.chart FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table ledger.checkpoints
  account_id bigint not null
  horizon xid8 not null
  amount numeric not null
  count bigint not null
  taken_at timestamp with time zone not null default clock_timestamp()
  constraint checkpoints_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger.accounts(id)
  constraint checkpoints_pkey PRIMARY KEY (account_id, horizon)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table ledger.currencies
  code text collate "C" not null
  numeric_code text
  exponent smallint not null
  part text not null
  list_date date not null
  chain_decimals smallint
  constraint currencies_chain_decimals_check CHECK (((chain_decimals >= 0) AND (chain_decimals <= 36)))
  constraint currencies_check CHECK (((part = 'iso'::text) = (numeric_code IS NOT NULL)))
  constraint currencies_check1 CHECK (((part = 'asset'::text) = (chain_decimals IS NOT NULL)))
  constraint currencies_exponent_check CHECK (((exponent >= 0) AND (exponent <= 9)))
  constraint currencies_numeric_code_check CHECK ((numeric_code ~ '^\d{3}$'::text))
  constraint currencies_numeric_code_key UNIQUE (numeric_code)
  constraint currencies_part_check CHECK ((part = ANY (ARRAY['iso'::text, 'asset'::text])))
  constraint currencies_pkey PRIMARY KEY (code)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OF code, numeric_code, exponent, part, chain_decimals OR TRUNCATE ON ledger.currencies FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table ledger.journals
  id bigint not null identity always
  key ledger.journal_key collate "C" not null
  req_hash ledger.sha256 not null
  type text not null
  platform_id text collate "C" not null
  livemode boolean not null
  effective_at timestamp with time zone not null
  asked_at timestamp with time zone not null
  created_at timestamp with time zone not null default clock_timestamp()
  xid xid8 not null default pg_current_xact_id()
  reverses_id bigint
  terminal text collate "C"
  subject text collate "C" not null
  meta jsonb
  constraint journals_pkey PRIMARY KEY (id)
  constraint journals_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES ledger.journals(id)
  CREATE UNIQUE INDEX journals_key ON ledger.journals USING btree (key)
  CREATE UNIQUE INDEX journals_reverses ON ledger.journals USING btree (reverses_id) WHERE (reverses_id IS NOT NULL)
  CREATE INDEX journals_subject ON ledger.journals USING btree (subject)
  CREATE UNIQUE INDEX journals_terminal ON ledger.journals USING btree (terminal) WHERE (terminal IS NOT NULL)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.journals FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table ledger.postings
  journal_id bigint not null
  line smallint not null
  account_id bigint not null
  currency text collate "C" not null
  amount ledger.posted_minor not null
  balance_after ledger.minor
  version bigint
  ref text collate "C"
  xid xid8 not null default pg_current_xact_id()
  posted_at timestamp with time zone not null default clock_timestamp()
  constraint postings_account_id_currency_fkey FOREIGN KEY (account_id, currency) REFERENCES ledger.accounts(id, currency)
  constraint postings_pkey PRIMARY KEY (journal_id, line)
  CREATE INDEX postings_ref ON ledger.postings USING btree (ref, account_id) WHERE (ref IS NOT NULL)
  CREATE UNIQUE INDEX postings_version ON ledger.postings USING btree (account_id, version) WHERE (version IS NOT NULL)
  CREATE INDEX postings_xid ON ledger.postings USING btree (account_id, xid) WHERE (version IS NULL)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.postings FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  CREATE TRIGGER zero_sum AFTER INSERT ON ledger.postings REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_zero_sum()
  grant select to holdfast_auditor

table ledger.proofs
  id bigint not null identity always
  platform_id text collate "C"
  livemode boolean
  taken_at timestamp with time zone not null default clock_timestamp()
  ok boolean not null
  result jsonb not null
  first_break text
  constraint proofs_pkey PRIMARY KEY (id)
  CREATE TRIGGER deny_change BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.proofs FOR EACH STATEMENT EXECUTE FUNCTION ledger.deny_change()
  grant select to holdfast_auditor

table sandbox.accounts
  id bigint not null identity always
  connection_id text not null
  code text not null
  currency text not null
  balance bigint not null default 0
  constraint accounts_balance_check CHECK ((abs(balance) <= '9007199254740991'::bigint))
  constraint accounts_code_check CHECK (((code = ANY (ARRAY['outside'::text, 'balance'::text, 'in_transit'::text])) OR (code ~ '^destination:.'::text)))
  constraint accounts_connection_id_code_currency_key UNIQUE (connection_id, code, currency)
  constraint accounts_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES sandbox.connections(id)
  constraint accounts_id_currency_key UNIQUE (id, currency)
  constraint accounts_pkey PRIMARY KEY (id)
  constraint balance_too_low CHECK (((code = 'outside'::text) OR (balance >= 0)))
  grant select to holdfast_auditor
  grant select to holdfast_sandbox
  column connection_id
  grant insert to holdfast_sandbox
  column code
  grant insert to holdfast_sandbox
  column currency
  grant insert to holdfast_sandbox

table sandbox.clocks
  connection_id text not null
  id text not null
  lead_ms bigint not null
  constraint clocks_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES sandbox.connections(id)
  constraint clocks_id_check CHECK ((id ~ '^clk_[a-zA-Z0-9_]{1,60}$'::text))
  constraint clocks_pkey PRIMARY KEY (connection_id, id)
  grant insert, select, update to holdfast_sandbox

table sandbox.connections
  id text not null
  token_hash bytea not null
  webhook_url text
  webhook_secret text not null
  created_at timestamp with time zone not null default now()
  updated_at timestamp with time zone not null default now()
  constraint connections_id_check CHECK ((id ~ '^con_[a-zA-Z0-9_]{1,60}$'::text))
  constraint connections_pkey PRIMARY KEY (id)
  constraint connections_token_hash_check CHECK ((octet_length(token_hash) = 32))
  constraint connections_token_hash_key UNIQUE (token_hash)
  constraint connections_webhook_secret_check CHECK ((length(webhook_secret) >= 16))
  grant insert, select, update to holdfast_sandbox

table sandbox.keys
  connection_id text not null
  key text not null
  body_hash bytea not null
  status integer not null
  body text not null
  clock text
  made_at timestamp with time zone not null
  constraint keys_body_hash_check CHECK ((octet_length(body_hash) = 32))
  constraint keys_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES sandbox.connections(id)
  constraint keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
  constraint keys_pkey PRIMARY KEY (connection_id, key)
  grant insert, select, update to holdfast_sandbox

table sandbox.movements
  id bigint not null identity always
  object_id text not null
  step text not null
  from_account bigint not null
  to_account bigint not null
  amount bigint not null
  currency text not null
  at timestamp with time zone not null
  written_at timestamp with time zone not null default clock_timestamp()
  constraint movements_amount_check CHECK (((amount >= 1) AND (amount <= '9007199254740991'::bigint)))
  constraint movements_check CHECK ((from_account <> to_account))
  constraint movements_from_account_currency_fkey FOREIGN KEY (from_account, currency) REFERENCES sandbox.accounts(id, currency)
  constraint movements_object_id_fkey FOREIGN KEY (object_id) REFERENCES sandbox.objects(id)
  constraint movements_object_id_step_key UNIQUE (object_id, step)
  constraint movements_pkey PRIMARY KEY (id)
  constraint movements_step_check CHECK ((step = ANY (ARRAY['reserve'::text, 'settle'::text, 'release'::text, 'return'::text])))
  constraint movements_to_account_currency_fkey FOREIGN KEY (to_account, currency) REFERENCES sandbox.accounts(id, currency)
  CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sandbox.movements FOR EACH STATEMENT EXECUTE FUNCTION sandbox.deny_change()
  CREATE TRIGGER carry AFTER INSERT ON sandbox.movements FOR EACH ROW EXECUTE FUNCTION sandbox.carry_movement()
  grant select to holdfast_auditor
  grant select to holdfast_sandbox
  column object_id
  grant insert to holdfast_sandbox
  column step
  grant insert to holdfast_sandbox
  column from_account
  grant insert to holdfast_sandbox
  column to_account
  grant insert to holdfast_sandbox
  column amount
  grant insert to holdfast_sandbox
  column currency
  grant insert to holdfast_sandbox
  column at
  grant insert to holdfast_sandbox

table sandbox.objects
  id text not null
  connection_id text not null
  kind text not null
  reference text not null
  amount bigint not null
  currency text not null
  state text not null
  version integer not null default 1
  payer jsonb
  destination jsonb
  payment text
  description text not null
  return_url text
  script jsonb not null
  clock text
  settled_amount bigint
  failure jsonb
  next_step text
  next_at timestamp with time zone
  created_at timestamp with time zone not null
  updated_at timestamp with time zone not null
  settled_at timestamp with time zone
  returned_at timestamp with time zone
  constraint objects_amount_check CHECK (((amount >= 1) AND (amount <= '9007199254740991'::bigint)))
  constraint objects_check CHECK (((payer IS NOT NULL) = (kind = 'payment'::text)))
  constraint objects_check1 CHECK (((destination IS NOT NULL) = (kind = 'payout'::text)))
  constraint objects_check2 CHECK (((payment IS NOT NULL) = (kind = 'refund'::text)))
  constraint objects_check3 CHECK (((next_step IS NULL) = (next_at IS NULL)))
  constraint objects_check4 CHECK (((settled_at IS NULL) = (settled_amount IS NULL)))
  constraint objects_check5 CHECK (((failure IS NOT NULL) = (state = ANY (ARRAY['declined'::text, 'cancelled'::text, 'expired'::text, 'failed'::text]))))
  constraint objects_check6 CHECK (
CASE kind
    WHEN 'payment'::text THEN (state = ANY (ARRAY['pending'::text, 'settled'::text, 'declined'::text, 'cancelled'::text, 'expired'::text]))
    ELSE (state = ANY (ARRAY['pending'::text, 'sent'::text, 'settled'::text, 'failed'::text, 'returned'::text]))
END)
  constraint objects_connection_id_clock_fkey FOREIGN KEY (connection_id, clock) REFERENCES sandbox.clocks(connection_id, id)
  constraint objects_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES sandbox.connections(id)
  constraint objects_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'payout'::text, 'refund'::text])))
  constraint objects_next_step_check CHECK ((next_step = ANY (ARRAY['send'::text, 'finish'::text, 'expire'::text, 'return'::text])))
  constraint objects_pkey PRIMARY KEY (id)
  constraint objects_settled_amount_check CHECK (((settled_amount >= 1) AND (settled_amount <= '9007199254740991'::bigint)))
  constraint objects_version_check CHECK ((version >= 1))
  CREATE INDEX objects_by_reference ON sandbox.objects USING btree (connection_id, kind, reference, created_at)
  CREATE INDEX objects_due ON sandbox.objects USING btree (next_at) WHERE (next_at IS NOT NULL)
  CREATE INDEX objects_refunds ON sandbox.objects USING btree (connection_id, payment) WHERE (kind = 'refund'::text)
  CREATE TRIGGER guard BEFORE UPDATE ON sandbox.objects FOR EACH ROW EXECUTE FUNCTION sandbox.guard_object()
  grant select to holdfast_auditor
  grant insert, select, update to holdfast_sandbox

table sandbox.scripts
  id text not null
  connection_id text not null
  calls text not null
  reference text
  uses_left integer
  script jsonb not null
  made_at timestamp with time zone not null default clock_timestamp()
  constraint scripts_calls_check CHECK ((calls = ANY (ARRAY['payments'::text, 'payouts'::text, 'refunds'::text])))
  constraint scripts_check CHECK (((reference IS NULL) <> (uses_left IS NULL)))
  constraint scripts_connection_id_calls_reference_key UNIQUE (connection_id, calls, reference)
  constraint scripts_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES sandbox.connections(id)
  constraint scripts_pkey PRIMARY KEY (id)
  constraint scripts_uses_left_check CHECK ((uses_left >= 0))
  CREATE INDEX scripts_waiting ON sandbox.scripts USING btree (connection_id, calls, made_at) WHERE (uses_left > 0)
  grant insert, select, update to holdfast_sandbox

table sandbox.webhooks
  id text not null
  connection_id text not null
  object_id text not null
  reference text not null
  type text not null
  body text not null
  state text not null
  copies integer not null default 1
  attempts integer not null default 0
  next_at timestamp with time zone not null default now()
  last_answer text
  created_at timestamp with time zone not null default now()
  delivered_at timestamp with time zone
  constraint webhooks_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES sandbox.connections(id)
  constraint webhooks_copies_check CHECK (((copies >= 1) AND (copies <= 20)))
  constraint webhooks_object_id_fkey FOREIGN KEY (object_id) REFERENCES sandbox.objects(id)
  constraint webhooks_pkey PRIMARY KEY (id)
  constraint webhooks_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'held'::text, 'dropped'::text, 'delivered'::text])))
  CREATE INDEX webhooks_by_reference ON sandbox.webhooks USING btree (connection_id, reference)
  CREATE INDEX webhooks_due ON sandbox.webhooks USING btree (next_at) WHERE (state = 'queued'::text)
  grant insert, select, update to holdfast_sandbox

view holdfast.needs_attention_view
  platform_id text
  livemode boolean
  object text
  escrow_id text
  since timestamp with time zone
  detail text
  reason text
  grant select to holdfast_app
  grant select to holdfast_auditor

view ledger.account_view
  id bigint
  platform_id text collate "C"
  livemode boolean
  code text collate "C"
  currency text collate "C"
  kind text collate "C"
  side smallint
  floor bigint
  client text
  open_item boolean
  tracked boolean
  status ledger.account_status
  owner text collate "C"
  opened_at timestamp with time zone
  version bigint
  amount bigint
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.chart_view
  kind text collate "C"
  code text
  side smallint
  floor bigint
  mode text
  open_item boolean
  client text
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.checkpoint_view
  account_id bigint
  horizon xid8
  amount numeric
  count bigint
  taken_at timestamp with time zone
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.currency_view
  code text collate "C"
  numeric_code text
  exponent smallint
  part text
  list_date date
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.journal_view
  id bigint
  key ledger.journal_key collate "C"
  type text
  platform_id text collate "C"
  livemode boolean
  effective_at timestamp with time zone
  asked_at timestamp with time zone
  created_at timestamp with time zone
  xid xid8
  reverses ledger.journal_key collate "C"
  terminal text collate "C"
  subject text collate "C"
  meta jsonb
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.posting_view
  journal_id bigint
  line smallint
  account_id bigint
  currency text collate "C"
  amount ledger.posted_minor
  balance_after ledger.minor
  version bigint
  ref text collate "C"
  xid xid8
  posted_at timestamp with time zone
  platform_id text collate "C"
  livemode boolean
  code text collate "C"
  kind text collate "C"
  side smallint
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.proof_break_view
  name text
  platform_id text collate "C"
  livemode boolean
  detail text collate "C"
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.proof_check_view
  name text
  question text
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view ledger.proof_view
  id bigint
  platform_id text collate "C"
  livemode boolean
  taken_at timestamp with time zone
  ok boolean
  result jsonb
  first_break text
  grant select to holdfast_app
  grant select to holdfast_auditor
  grant select to holdfast_keeper

view sandbox.postings
  movement_id bigint
  object_id text
  step text
  account_id bigint
  amount bigint
  currency text
  at timestamp with time zone
  grant select to holdfast_auditor
  grant select to holdfast_sandbox

function holdfast.answer_command(p_command text, p_outcome text, p_refusal jsonb, p_version integer)
  returns void
  language plpgsql
  body 1ba57f29d09feb5f52a67793ffd38d72d70bd1a76c34dc606dcb762dc8eda96c

function holdfast.are_free(e holdfast.escrows, p_effects jsonb)
  returns boolean
  language sql
  body 50341db38e28099babcf6bd113c79f24b5f0f20bf48aa24fa540649e5503271e

function holdfast.command_row(e holdfast.escrows, p_command jsonb)
  returns holdfast.commands
  language plpgsql
  body 2691aa12a46cc4bf97096b6f77444cfffd1ff2f01205d9f9480f5b052a8251a3

function holdfast.conflict(e holdfast.escrows, c holdfast.commands, p_command jsonb)
  returns jsonb
  language plpgsql
  body 6f02a9b8cf22380e4c27814c77634dbe5f5ce43041fe79073f9c3ec4a5ad33ab

function holdfast.default_refused(e holdfast.escrows, p_command jsonb, p_default jsonb)
  returns text
  language plpgsql
  body e22228e6f0564e9a56252b4246e57717a19cdad345820d315d6f6b5b126c09af

function holdfast.delivery_id(p_endpoint text, p_outbox bigint)
  returns text
  language sql immutable
  body 1fa3a93fd76036026347a25a4330eb29a2568e021e8e73223448dbcca2c3be18

function holdfast.deny_change()
  returns trigger
  language plpgsql
  body d9a07f976cabfcef68af8cfafce2df9281d28cdfc2762f488b638c432a14c044

function holdfast.effect_record(p_effect text, p_change jsonb, a_code text[], a_kind text[], a_currency text[], j_key text[], j_hash bytea[], j_type text[], j_at timestamp with time zone[], j_subject text[], j_needs text[], j_terminal text[], j_reverses text[], j_meta jsonb[], l_journal integer[], l_account integer[], l_amount bigint[], l_ref text[], l_rest integer[])
  returns jsonb
  language plpgsql security definer
  set search_path=holdfast, ledger, pg_temp
  body bbc2fbfb8391c06d0e3dc2acd0915b3ec569e654cb374391581fa775286773f1
  grant execute to holdfast_app

function holdfast.escrow_now(p_clock text)
  returns timestamp with time zone
  language sql
  body 36d310b824810dd2bab82b2cce6ebe7415f830a0d2a00250adc2b1b2596a6309
  grant execute to holdfast_app

function holdfast.escrow_record(p_escrow text, p_version integer, p_command jsonb, p_step jsonb, p_default jsonb, a_code text[], a_kind text[], a_currency text[], j_key text[], j_hash bytea[], j_type text[], j_at timestamp with time zone[], j_subject text[], j_needs text[], j_terminal text[], j_reverses text[], j_meta jsonb[], l_journal integer[], l_account integer[], l_amount bigint[], l_ref text[], l_rest integer[])
  returns jsonb
  language plpgsql security definer
  set search_path=holdfast, ledger, pg_temp
  body 7a058f0e56c1df34bc655da3ae98c22d98343fc97bfd87c45e96a875a3d01eb5
  grant execute to holdfast_app

function holdfast.escrow_stuck(p_escrow text, p_reason text)
  returns void
  language sql security definer
  set search_path=holdfast, pg_temp
  body 52b3c7e674d95c55b6e33393884994d17650a101b6d1cd1a30f4570b9c7c8bad
  grant execute to holdfast_app

function holdfast.gate_of(f holdfast.effects)
  returns text
  language sql stable
  body b3fab740bb5986516727f27467ebaaf4bc1f47865d18b6588dcf57b0eaf2e5ca

function holdfast.goes_first(e holdfast.escrows, p_command jsonb, p_default jsonb)
  returns jsonb
  language plpgsql stable
  body c6c5c0eaf0660bf9bc46a1ce00e7bf4a0f93e6e7f666b782c429478987c417ff

function holdfast.is_other(e holdfast.escrows, c holdfast.commands, p_command jsonb)
  returns boolean
  language sql immutable
  body ac6f94c0f3ef1bcd9fbefd0d7d5b4c6e7803a32da6f08c8f5865a6a0065b13dc

function holdfast.is_wanted(w holdfast.webhook_endpoints, p_type text)
  returns boolean
  language sql immutable
  body e36045257ed0f8b6ba705a9c8acf25546e9e054b601aa431e1842ca5f441f0fa

function holdfast.may_send(p_effect text, p_attempt integer)
  returns boolean
  language sql security definer
  set search_path=holdfast, pg_temp
  body 959d5015696cad320b7d958a47bc9d5287b6e2a884a83ee460dae262b8fce611
  grant execute to holdfast_app

function holdfast.message_of(c holdfast.commands)
  returns jsonb
  language sql immutable
  body b9cb0cedddc1bb5b80fa94398edb6573e3ce23297c2faa6ee05c69c134f3e39a

function holdfast.note_late(e holdfast.escrows)
  returns void
  language plpgsql
  body 9710ef8b7384146b3740eafd660ccbd4f0cf39268a9802d1158629636e219aa5

function holdfast.park(f holdfast.effects, p_reason text)
  returns jsonb
  language plpgsql
  body 03868767531380a0ee76ce8902844b370336e0e7f0fba40c19fa85ec410d0d7b

function holdfast.plan_deliveries()
  returns trigger
  language plpgsql security definer
  set search_path=holdfast, pg_temp
  body 52850a4283dcf02cde93503b1f651b211e94a13ecb9b35c8117bae72ffa85f5a

function holdfast.plan_effects(e holdfast.escrows, p_effects jsonb)
  returns void
  language plpgsql
  body ae93cb43ff9e8c5c470e16a5772d26cd37837e542ce32057b367cfdae7640aee

function holdfast.plan_refund(e holdfast.escrows, f jsonb)
  returns void
  language sql
  body c604bde8bdc7395b93418c52adfbf7f784880398889e5fc4f5211ef4a3f5c7bd

function holdfast.protect_escrow()
  returns trigger
  language plpgsql
  body 46775cc5b5e49475c942eb6e9a9600233acf1217567f16c814769c8a6875e2e0

function holdfast.report_holds(e holdfast.escrows, p_type text, p_body jsonb)
  returns boolean
  language plpgsql
  body 014fc47cc60b78b2f9ce36aefc89baa05fc7a9a8a5962d61fd87e69b50b5d02d

function holdfast.stored_step(p_escrow text, p_version integer)
  returns jsonb
  language plpgsql stable
  body e4859472a60d1235123ffcf665b409f749f6b92122c65660f9e61b607dff8f73

function holdfast.tries_of(p_tries jsonb)
  returns TABLE(outbox bigint, status integer, error text, latency_ms integer, answer text, retry_after integer, is_taken boolean)
  language sql immutable
  body f54a1146df34000504c4d5ab1b7bf68184e353b8eafe635a8cd4c154d0467252

function holdfast.webhook_claim(p_most integer)
  returns SETOF holdfast.webhook_endpoints
  language sql security definer
  set search_path=holdfast, pg_temp
  body f268a9d3f933f306fb7b8c8e0184f3ef46aebeaa2cf44ee0894097065e569fe2
  grant execute to holdfast_app

function holdfast.webhook_delay(p_try integer)
  returns integer
  language sql immutable
  body 2277a7b3ba59c98e28802eb569c69681f1255144e62a5a915542a9b25586af7e

function holdfast.webhook_judged(w holdfast.webhook_endpoints, p_tries jsonb, p_is_last boolean)
  returns holdfast.webhook_endpoints
  language plpgsql
  body b6b7597195dff79fad6306818b616639509b1d8371dfd42a4c1d4d571e048de6

function holdfast.webhook_replay(p_endpoint text, p_event text, p_from timestamp with time zone, p_to timestamp with time zone, p_failed boolean)
  returns integer
  language plpgsql security definer
  set search_path=holdfast, pg_temp
  body d249a5839c73d23bae3e286a2381e036f855d63e0427a41366b539aa186cc67c
  grant execute to holdfast_app

function holdfast.webhook_tried(p_endpoint text, p_tries jsonb, p_is_last boolean)
  returns holdfast.webhook_endpoints
  language plpgsql security definer
  set search_path=holdfast, pg_temp
  body eabcb12d9e80a10b06b6c7fad426bca7c20d46e339fa3dd5ca377e9676a0cd88
  grant execute to holdfast_app

function holdfast.write_attempt(f holdfast.effects, p_change jsonb)
  returns void
  language plpgsql
  body 70f7d44030b2445b54b67dd520c0d6683654cf856ecf3adeb8c7c6b324b6ea20

function holdfast.write_audit(e holdfast.escrows, p_command jsonb, p_version integer, p_decision text)
  returns void
  language sql
  body b03e5ee618d04e5742329b64ffc64988d504ae4e0764aac5b8177980de610c61

function holdfast.write_effect_event(f holdfast.effects, p_type text)
  returns void
  language sql
  body 9757d8f676c100e8fa39de6da82a3b8c65bd94cedfc21cacd5a1280fcdc73770

function holdfast.write_events(e holdfast.escrows, p_version integer, p_command jsonb, p_step jsonb)
  returns void
  language sql
  body 3607a64dcf7563d7e38efb448cf7f81e9888c427fcc66b91f32edb3ffd70fcc9

function holdfast.write_read_model(e holdfast.escrows, p_version integer, p_step jsonb)
  returns void
  language plpgsql
  body d5e7641f23e67a5e274ea62f33dc62c0caa4fac3affd5cd5f92f4c6eacdf5f6d

function ledger.apply_rest(p_platform text, p_livemode boolean, a_code text[], a_currency text[], l_account integer[], l_amount bigint[], l_rest integer[], first_line integer, last_line integer)
  returns bigint[]
  language plpgsql
  body f75486d277a36151835d698cc4ef903fb715ec16ba2d22ce394ba39fb5106b60

function ledger.check_needs(p_platform text, p_livemode boolean, journal bigint, needed text[])
  returns void
  language plpgsql
  body 44edc7229980f08bd3a8002c2034761b764b9b3946e00fc4d969abefab4a145e

function ledger.check_reversal(p_platform text, p_livemode boolean, target bigint, journal integer, a_code text[], a_currency text[], l_journal integer[], l_account integer[], l_amount bigint[], l_ref text[], l_rest integer[])
  returns void
  language plpgsql
  body 289ca33901e49ac54530eeac928a2d7f8dfdea1b00dacc2e0b31332421025e3d

function ledger.check_shape(a_code text[], a_kind text[], a_currency text[], j_key text[], j_hash bytea[], j_type text[], j_at timestamp with time zone[], j_subject text[], l_journal integer[], l_account integer[], l_amount bigint[], l_rest integer[], amount_min integer)
  returns boolean
  language plpgsql immutable
  body a4f53c0a5d5bfad52ae42d588630a3f89a894608cdce5f7210d2fb673db15e6e

function ledger.check_zero_sum()
  returns trigger
  language plpgsql
  body 9df26f9ed64ca6b5b2e70c9298fc5888cc5b0e986bf13387f1c883b973a9793a

function ledger.deny_change()
  returns trigger
  language plpgsql
  body 8e7b8fa967254be7520bb01efe5b39465c5fbf630306b2fbe6605f350bf6fceb

function ledger.lock_accounts(p_platform text, p_livemode boolean, a_code text[], a_kind text[], a_currency text[])
  returns void
  language plpgsql
  body ce50dfb0cd3c65de9db0f28964ca049f9b90e9def78cee3f622acc32437a3f65

function ledger.open_account(p_platform text, p_livemode boolean, p_code text, p_kind text, p_currency text)
  returns void
  language plpgsql
  body b1512cb0f25d11936a023eb4e0ba37f55403ec115bab1c6cea8439b9adfbcba9

function ledger.post_journal(p_platform text, p_livemode boolean, a_code text[], a_kind text[], a_currency text[], j_key text[], j_hash bytea[], j_type text[], j_at timestamp with time zone[], j_subject text[], j_needs text[], j_terminal text[], j_reverses text[], j_meta jsonb[], l_journal integer[], l_account integer[], l_amount bigint[], l_ref text[], l_rest integer[])
  returns TABLE(key text, journal_id bigint, created boolean)
  language plpgsql security definer
  set enable_seqscan=off
  set plan_cache_mode=force_generic_plan
  set search_path=ledger, pg_temp
  body 49ff08e75f4897c06e4444664ed47cc8ebfeca080ceb4994658f52a532ae27b9
  grant execute to holdfast_app

function ledger.post_line(p_platform text, p_livemode boolean, p_code text, p_kind text, p_currency text, p_amount bigint, OUT account bigint, OUT after bigint, OUT version bigint)
  returns record
  language plpgsql
  body 9a31b0212af8aa76a8f7415aa5306ebf5816a73c809971a5d547e494b2f3b5b0

function ledger.prove(p_platform text, p_livemode boolean)
  returns TABLE(id bigint, ok boolean, first_break text)
  language sql security definer
  set search_path=ledger, pg_temp
  body 092dd8540d9945f1720b9998b3657768a1e8a45c62819e0e99684a33d3c45370
  grant execute to holdfast_keeper

function ledger.set_account_status(p_platform text, p_livemode boolean, p_code text, p_currency text, p_status ledger.account_status)
  returns void
  language plpgsql security definer
  set search_path=ledger, pg_temp
  body f01fc16248636009b4f28bc34b4bfcbe5813d6023c88bd3f61913aff77c7b982
  grant execute to holdfast_keeper

function ledger.take_checkpoint(p_tail_min bigint)
  returns bigint
  language plpgsql security definer
  set search_path=ledger, pg_temp
  body dcedbf3882a2f478fbf81f30a9cfb6a508c5544e07541c67503ead22e07b43a4
  grant execute to holdfast_keeper

function sandbox.carry_movement()
  returns trigger
  language plpgsql security definer
  set search_path=sandbox, pg_temp
  body 2265a37ebd0000d50cbd20e2587e77627acba5275c049be16a68b8fdd4c71f62

function sandbox.deny_change()
  returns trigger
  language plpgsql
  body df89b0c65f44ffae87695685fca411fb8ad998cff6768bb8a176024d331910f3

function sandbox.guard_object()
  returns trigger
  language plpgsql
  set search_path=sandbox, pg_temp
  body 988dcd5d287a2e57021c405a5bad16009472f63da57dc043b98e1be40d537e2e

default privileges of holdfast_owner on functions

default privileges of holdfast_owner in holdfast on tables
  grant select to holdfast_auditor

default privileges of holdfast_owner in ledger on tables
  grant select to holdfast_auditor

-- migrations
-- 0001_roles.sql f635e999c5ca633aeb092d51cec3f5a0254a7dc7992b71a2d21a0c0fbdd06840
-- 0002_ledger_tables.sql 0185c0d82f0ee192533cc9559d19270bf86ae1ff3c03423118a693fbfdec9126
-- 0003_ledger_guards.sql 53c733aacaba45a66b14bbe4e9226a2004b1645f5de40f0ac272fb69bc518d93
-- 0004_currencies.sql 8ec86c095ba38115717c28f60e75c6ca573caad8fb1f65b30f71786456574c14
-- 0005_chart.sql 507f68ee8b219738903eee9760349ed7e4e5f8df4ef52e4c5d28c3705059413a
-- 0006_post_journal_parts.sql b22c0e727ff684af1016b630cedb1514f33a34c295effd6f7d12f2aa7a5319d5
-- 0007_post_journal.sql 41ac299c4c7903dfc504e3a355be6e9eaaee8d530e2b8d1fecce8ba9fa93ac48
-- 0008_ledger_views.sql 5b52aec2c939e709b1f16c0c55833f64ff7923b1b28f7d2f63eb0268c60fb00b
-- 0009_ledger_keeper.sql 4e1ce8d2949d7b2f6872fb374d170216d721bd12ee87d055c6ce1b9e95d3c322
-- 0010_accounts.sql 53fa44f56cbaf53deeee514794f999f0a2867889c1291e68641f030abd727d83
-- 0011_escrows.sql 58f3f2def8eb738f9fa2485bd380340d21840f28bd478421e0c997dc5b373626
-- 0012_holdfast_guards.sql 32cd5e5cfb8207859b2149f558b0540a3e5a8ce7f6e061a924756a23015e54c5
-- 0013_escrow_record.sql cbdf994344067db76b5e6a04a0143f331dc4f1ad1b09541e2699059ab1385ae9
-- 0014_escrow_record_step.sql c7136bb02a633ffd3e17b3c527ce6a70101f9d8d5ee219ffe3491561337b8dd3
-- 0015_effect_record.sql 323b06d61dab588a5f1ea55385ec036525b5002e07e8c0ba7fea32ec4fb75cba
-- 0016_escrow_stuck.sql 621723d438a8033714938a8c6551bdafc11c3f2bef02cc28a298d5c0079cba87
-- 0020_sandbox.sql d39fff9b4811559793593d6a60bd7403edff8cb162556899348d4dd5ce7a4fe4
-- 0021_webhooks_out.sql a4207027d568be1aee8d4c4f0cd549e5bb6659190103c08418a7d85a52fdbe22
-- 0022_needs_attention.sql 4e29a43f4c0f2fd1f7443d568db4d85cc896d0535fad9ceaf7af7a0af9d9ed18
