-- title: no id is given out twice: an order's id has one name, and no event is of a turn still to come
-- owner: engine
select json_build_object('order', r.order_id, 'why', r.why) as v
from (
  select k.order_id, count(*) || ' names have this id' as why from order_key k group by k.order_id having count(*) > 1
  union all  -- "seen before?" would say no, and the same order be taken a second time
  select o.id, 'its name is forgotten' from orders o where not exists (select from order_key k where k.order_id = o.id)
  union all
  select o.id, 'has an event of turn ' || e.turn || ', and its partition has come to ' || p.turn
  from orders o
  join position p on p.partition = o.partition
  cross join lateral (select max(turn) as turn from event where order_id = o.id) e
  where o.state not in ('Activated', 'Superseded', 'Rejected', 'Failed', 'Cancelled')  -- the others get no more events
    and e.turn > p.turn
) r
