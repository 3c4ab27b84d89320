-- An escrow that only people can mend says so on its row; the next recorded step clears it.
create function holdfast.escrow_stuck(p_escrow text, p_reason text) returns void
language sql security definer set search_path = holdfast, pg_temp as $$
  update holdfast.escrows set stuck = p_reason, updated_at = clock_timestamp()
   where id = p_escrow and stuck is distinct from p_reason
$$;

revoke all on function holdfast.escrow_stuck(text, text) from public;
grant execute on function holdfast.escrow_stuck(text, text) to holdfast_app;
