-- Who may do what in the schema ledger (ledger.md, section 3). Tables are the owner's alone: the
-- application posts through one function and reads views.
grant usage on schema ledger to holdfast_app, holdfast_keeper, holdfast_auditor;
grant usage on schema holdfast to holdfast_app, holdfast_keeper, holdfast_auditor;
grant usage on schema sandbox to holdfast_sandbox;

grant execute on function ledger.post_journal(
  text, boolean, text[], text[], text[], text[], bytea[], text[], timestamptz[], text[],
  text[], text[], text[], jsonb[], int[], int[], bigint[], text[], int[]) to holdfast_app;

grant select on ledger.currency_view, ledger.chart_view, ledger.account_view,
  ledger.journal_view, ledger.posting_view, ledger.checkpoint_view, ledger.proof_view
  to holdfast_app, holdfast_keeper;
grant select on all tables in schema ledger to holdfast_auditor;
-- The auditor reads everything, also what later migrations bring.
alter default privileges for role holdfast_owner in schema ledger, holdfast
  grant select on tables to holdfast_auditor;
