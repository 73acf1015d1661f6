-- title: of the versions of an order at most one is running
-- owner: engine
select json_build_object('order', r.first, 'source', r.source, 'sourceOrderId', r.source_order_id, 'running', r.running) as v
from (
  select k.source, k.source_order_id, array_agg(k.version order by k.version) as running,
         (array_agg(o.id order by k.version))[1] as first
  from orders o join order_key k on k.order_id = o.id
  where o.state not in ('Activated', 'Superseded', 'Rejected', 'Failed', 'Cancelled')  -- as in orders_open: an index has them
  group by k.source, k.source_order_id having count(*) > 1
) r
