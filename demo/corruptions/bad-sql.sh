# A nightly job of another team "cleans up" assets: every third loses its attributes, every fourth its service record.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 2 "select count(*) from backstitch.asset where hashtext(id::text || :'seed') % 3 = 0"
as_role batch <<'SQL'
begin;
update backstitch.asset set data = '{}', quantity = 0 where hashtext(id::text || :'seed') % 3 = 0;
update backstitch.inventory set service_record = '{}' where hashtext(id::text || :'seed') % 4 = 0;
commit;
SQL
