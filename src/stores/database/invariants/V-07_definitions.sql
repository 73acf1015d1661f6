-- title: every definition that a plan refers to exists in the catalog version it uses
-- owner: catalog
select json_build_object('order', r.order_id, 'catalog', r.digest, 'definition', r.definition, 'why', r.why) as v
from (
  with used as materialized (
    select distinct on (o.catalog_digest, e.node->>'plan', e.node->>'item')
           o.id as order_id, o.catalog_digest as digest, e.node->>'plan' as plan, e.node->>'item' as item
    from orders o join order_doc d using (id)
    cross join lateral jsonb_array_elements(d.graph::jsonb->'plan'->'items') as e(node)
    where d.graph <> ''
  ), defined as materialized (
    select v.digest, p.node->>'key' as plan, i.node->>'key' as item
    from catalog_version v
    cross join lateral jsonb_array_elements(v.content::jsonb->'plans') as p(node)
    cross join lateral jsonb_array_elements(p.node->'items') as i(node)
    where v.digest in (select digest from used)
  )
  select u.order_id, u.digest, u.plan || '/' || u.item as definition, 'the catalog version is not stored' as why from used u
  where not exists (select from catalog_version v where v.digest = u.digest)
  union all
  select u.order_id, u.digest, u.plan || '/' || u.item, 'the catalog version has no such item' from used u
  where exists (select from catalog_version v where v.digest = u.digest)
    and not exists (select from defined d where d.digest = u.digest and d.plan = u.plan and d.item = u.item)
) r
