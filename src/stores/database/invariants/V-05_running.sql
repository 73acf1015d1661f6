-- title: every Running item has a call in flight or an owner, or is listed for fallout
-- owner: engine
select json_build_object('order', order_id(i.id), 'item', i.id, 'system', i.system, 'startedAt', i.started_at) as v
from item i
where i.state = 'Running'
  and (i.started_at is null or (coalesce(i.digest, 0) = 0 and coalesce(i.owner, '') = ''))
  and not exists (select from attention a where a.item_id = i.id)
