-- title: no item Ready or beyond with an unsatisfied dependency
-- owner: engine
select json_build_object('order', order_id(i.id), 'item', i.id, 'state', i.state, 'waitsFor', b.id, 'waitsForState', b.state) as v
from (
  select d.id as order_id, d.graph::jsonb->'plan'->'items' as items from order_doc d where d.graph <> ''
) g
cross join lateral jsonb_array_elements(g.items) as e(node)
cross join lateral jsonb_array_elements_text(e.node->'waits') as w(before)
join item i on i.id = (left(g.order_id::text, 24) || (e.node->>'id'))::uuid
join item b on b.id = (left(g.order_id::text, 24) || (g.items->(w.before::int)->>'id'))::uuid
where i.state in ('Scheduled', 'Ready', 'Running', 'Completed', 'Failed', 'FatallyFailed', 'OnHold')
  and not (i.state = 'FatallyFailed' and i.error like 'BS-6303%')  -- a recovery marked it before its turn had come
  and b.state not in ('Completed', 'Skipped', 'Amended', 'Canceled', 'Discarded', 'FailedDiscarded')
