# A repair script with a wrong condition: half of all plans and their orders are set to states that they never reached.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 5 "select count(*) from backstitch.plan where hashtext(id::text || :'seed') % 2 = 0"
as_role support <<'SQL'
begin;
update backstitch.plan set state = 'Completed' where hashtext(id::text || :'seed') % 2 = 0;
update backstitch.orders set state = 'Activated' where hashtext(id::text || :'seed') % 2 = 0;
commit;
SQL
