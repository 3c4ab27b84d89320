-- What waits for a person, with a reason and since when (reliability.md, section 1). It mends
-- nothing and stores nothing: a row is there as long as its reason holds.

create view holdfast.needs_attention_view as
  select platform_id, livemode, id as object, escrow_id, updated_at as since, reason as detail,
         case state when 'unknown' then 'effect_unknown' when 'parked' then 'effect_parked'
                    when 'returned' then 'returned' else 'effect_failed' end as reason
    from holdfast.effects
   where state in ('unknown', 'parked')
      or state in ('failed', 'returned') and kind in ('disbursement', 'refund')
  union all
  select platform_id, livemode, id, id, updated_at, stuck, 'workflow_stuck'
    from holdfast.escrows where stuck is not null
  union all
  select e.platform_id, e.livemode, e.id, e.id, h.created_at, h.reason, 'on_hold'
    from holdfast.holds h join holdfast.escrows e on e.id = h.escrow_id
  union all
  -- As long as a wait counts refusals: whatever else has happened since.
  select e.platform_id, e.livemode, e.id, e.id, v.at, v.data ->> 'code', 'default_refused'
    from (select distinct on (escrow_id) escrow_id, at, data from holdfast.events
           where type = 'default_refused' order by escrow_id, number desc) v
    join holdfast.escrows e on e.id = v.escrow_id
   where jsonb_path_exists(e.state, '$.**.refused ? (@ > 0)')
  union all
  select platform_id, livemode, id, escrow_id, accepted_at, type, 'command_unanswered'
    from holdfast.commands
   where answered_at is null and accepted_at < now() - interval '1 minute'
  union all
  select platform_id, livemode, id, null, updated_at, disabled_reason, 'webhook_undeliverable'
    from holdfast.webhook_endpoints
   where deleted_at is null and disabled_reason in ('gone', 'failing')
  union all
  select w.platform_id, w.livemode, w.id, null, min(d.created_at), count(*) || ' failed',
         'webhook_undeliverable'
    from holdfast.webhook_deliveries d join holdfast.webhook_endpoints w on w.id = d.endpoint_id
   where d.state = 'failed' and w.deleted_at is null and w.state = 'enabled'
   group by w.id;

create index webhook_deliveries_failed on holdfast.webhook_deliveries (endpoint_id)
  where state = 'failed';
create index events_default_refused on holdfast.events (escrow_id, number)
  where type = 'default_refused';

grant select on holdfast.needs_attention_view to holdfast_app, holdfast_auditor;
