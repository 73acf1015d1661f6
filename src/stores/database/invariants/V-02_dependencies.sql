-- title: every dependency joins two existing items; no cycles
-- owner: rules
select json_build_object('order', r.order_id, 'item', r.item, 'why', r.why) as v
from (
  with recursive graph as materialized (
    select d.id as order_id, (e.n - 1)::int as n, (left(d.id::text, 24) || (e.node->>'id'))::uuid as item,
           e.node->'waits' as waits
    from order_doc d cross join lateral jsonb_array_elements(d.graph::jsonb->'plan'->'items') with ordinality as e(node, n)
    where d.graph <> ''
  ), edge as materialized (
    select g.order_id, g.n, g.item, w::int as before from graph g cross join lateral jsonb_array_elements_text(g.waits) w
  ), walk as (  -- only orders with an edge to a later item can hold a cycle: all others are sorted already
    select e.order_id, e.n as start, e.before as n from edge e
    where e.order_id in (select order_id from edge where before >= n)
    union
    select w.order_id, w.start, e.before from walk w join edge e on e.order_id = w.order_id and e.n = w.n
  )
  select g.order_id, g.item, 'the plan names an item that is not there' as why from graph g
  where not exists (select from item i where i.id = g.item)
  union all
  select order_id(i.id), i.id, 'the item stands in no plan' from item i where not exists (select from graph g where g.item = i.id)
  union all
  select e.order_id, e.item, 'waits for an item that the plan does not have' from edge e
  where not exists (select from graph g where g.order_id = e.order_id and g.n = e.before)
  union all
  select g.order_id, g.item, 'waits for itself, through others' from walk w join graph g on g.order_id = w.order_id and g.n = w.n
  where w.start = w.n
) r
