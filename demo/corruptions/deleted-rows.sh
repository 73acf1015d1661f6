# Somebody deletes what he takes for test data: items, events and documents of every eighth order that has ended, and its inventory.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 2 "select count(*) from backstitch.orders where state = 'Activated' and hashtext(id::text || :'seed') % 8 = 0"
as_role intern <<'SQL'
begin;
create temp table chosen as
  select id from backstitch.orders where state = 'Activated' and hashtext(id::text || :'seed') % 8 = 0;
delete from backstitch.inventory where changed_by in (select id from chosen);
delete from backstitch.event where order_id in (select id from chosen);
delete from backstitch.item i using chosen c where i.id between c.id and backstitch.last_id(c.id);
delete from backstitch.order_doc where id in (select id from chosen);
commit;
SQL
