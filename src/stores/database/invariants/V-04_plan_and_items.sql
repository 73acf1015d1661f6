-- title: no terminal plan with non-terminal items, and the reverse
-- owner: engine
select json_build_object('plan', p.id, 'state', p.state, 'order', o.id, 'orderState', o.state, 'items', p.item_count,
                         'itemsThere', i.there, 'itemsOpen', i.open) as v
from plan p
left join orders o on o.id = order_id(p.id)
left join lateral (
  select count(*) as there,
         count(*) filter (
           where state not in ('Completed', 'Skipped', 'Amended', 'Canceled', 'Discarded', 'FailedDiscarded')) as open
  from item where id between order_id(p.id) and last_id(p.id)
) i on true
where i.there <> p.item_count
   or (p.state in ('Completed', 'Cancelled') and i.open > 0)
   or (p.state not in ('Completed', 'Cancelled') and i.open = 0 and p.item_count > 0)
   or (o.state = 'Activated' and p.state <> 'Completed')
