-- title: every item belongs to a plan, every plan and line to an order
-- owner: engine
select json_build_object('table', r.kind, 'id', r.id, 'why', r.why) as v
from (
  select 'item' as kind, t.id, 'no plan' as why from item t
  where not exists (select from plan p where order_id(p.id) = order_id(t.id))
  union all
  select kind, id, 'no order' from (
    select 'plan' as kind, id from plan
    union all select 'item', id from item
    union all select 'order_item', id from order_item
    union all select 'downstream_order', id from downstream_order
    union all select 'downstream_item', id from downstream_item
    union all select 'line_values', id from line_values
    union all select 'order_doc', id from order_doc
    union all select 'order_key', order_id from order_key
    union all select 'event', order_id from event
  ) child where not exists (select from orders o where o.id = order_id(child.id))
  union all
  select 'orders', o.id, 'no document' from orders o where not exists (select from order_doc d where d.id = o.id)
) r
