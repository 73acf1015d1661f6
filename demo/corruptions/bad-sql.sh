# A nightly job of another team "cleans up" assets: every third loses its attributes, every fourth its service record.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
as_role batch <<'SQL'
begin;
update backstitch.asset set data = '{}', quantity = 0 where hashtext(id::text || :'seed') % 3 = 0;
update backstitch.inventory set service_record = '{}' where hashtext(id::text || :'seed') % 4 = 0;
commit;
SQL
