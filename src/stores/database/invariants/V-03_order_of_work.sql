-- title: no item Ready or beyond with an unsatisfied dependency
-- owner: engine
select json_build_object('order', r.order_id, 'item', r.item, 'state', r.state, 'waitsFor', r.before,
                         'waitsForState', r.before_state) as v
from (
  with node as materialized (  -- each document is read once, not once for every edge
    select d.id as order_id, (e.n - 1)::int as n, (left(d.id::text, 24) || (e.node->>'id'))::uuid as item,
           e.node->'waits' as waits
    from order_doc d cross join lateral jsonb_array_elements(d.graph::jsonb->'plan'->'items') with ordinality as e(node, n)
    where d.graph <> ''
  ), edge as materialized (
    select n.order_id, n.item, w::int as before from node n cross join lateral jsonb_array_elements_text(n.waits) w
  )
  select e.order_id, e.item, i.state, b.id as before, b.state as before_state
  from edge e
  join node n on n.order_id = e.order_id and n.n = e.before
  join item i on i.id = e.item
  join item b on b.id = n.item
  where i.state in ('Scheduled', 'Ready', 'Running', 'Completed', 'Failed', 'FatallyFailed', 'OnHold')
    and not (i.state = 'FatallyFailed' and i.error like 'BS-6303%')  -- a recovery marked it before its turn had come
    and b.state not in ('Completed', 'Skipped', 'Amended', 'Canceled', 'Discarded', 'FailedDiscarded')
) r
