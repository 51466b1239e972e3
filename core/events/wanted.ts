/**
 * Whether the endpoint `e` is to have the event `v` (its `type` and `payload`), in SQL: it wants the
 * type, and the event does not tell of the endpoint itself.
 */
export const wanted = `(e.event_types is null or v.type = any (e.event_types))
	and (v.type not like 'webhook.%' or v.payload::jsonb #>> '{data,endpoint,id}' is distinct from e.id::text)`;
