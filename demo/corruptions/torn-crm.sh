# The CRM sync's position jumps over updates that were never delivered, and assets claim what the CRM was never told.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 2 "select count(*) from backstitch.asset where hashtext(id::text || :'seed') % 5 = 0"
as_role crmtool <<'SQL'
begin;
update backstitch.crm_position set next_offset = next_offset + 3 where partition % 2 = 0;
update backstitch.position set published = turn where partition % 2 = 0;
update backstitch.asset set state = 'Ended' where hashtext(id::text || :'seed') % 5 = 0;
commit;
SQL
