# A second owner: a process that should have died writes the rows of an hour ago over newer ones, past positions and turns.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 5 "select count(*) from backstitch.item where state = 'Completed' and hashtext(id::text || :'seed') % 9 = 0"
as_role ghost <<'SQL'
begin;
update backstitch.item set state = 'Running', attempt = 1, call = 1, ended_at = null
  where state = 'Completed' and hashtext(id::text || :'seed') % 9 = 0;
update backstitch.orders set state = 'InProgress'
  where state = 'Activated' and hashtext(id::text || :'seed') % 9 = 0;
commit;
SQL
