-- title: every inventory item has an asset link, or a reason why not
-- owner: engine
select json_build_object('inventory', i.id, 'accountId', i.account_id, 'asset', i.asset_id,
                         'why', case when i.asset_id is null then 'neither asset nor reason'
                                     when a.id is null then 'the asset is not there'
                                     else 'the asset is another account''s' end) as v
from inventory i
left join asset a on a.id = i.asset_id
where (i.asset_id is null and i.no_asset_reason = '')
   or (i.asset_id is not null and (a.id is null or a.account_id <> i.account_id))
