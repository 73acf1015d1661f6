-- title: every downstream item has at least one source link
-- owner: rules
select json_build_object('order', r.order_id, 'downstreamItem', r.id, 'why', r.why) as v
from (
  with graph as materialized (
    select d.id as order_id, (left(d.id::text, 24) || (e.node->>'id'))::uuid as id, e.node->'lines' as lines
    from order_doc d cross join lateral jsonb_array_elements(d.graph::jsonb->'items') as e(node)
    where d.graph <> ''
  )
  select order_id, id, 'no source line' as why from graph where coalesce(jsonb_array_length(lines), 0) = 0
  union all
  select order_id(t.id), t.id, 'not in the decomposition' from downstream_item t
  where not exists (select from graph g where g.id = t.id)
  union all
  select order_id, id, 'no row' from graph g where not exists (select from downstream_item t where t.id = g.id)
) r
