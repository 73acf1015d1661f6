# Damage that nobody notices: three more base backups are taken, each with it inside.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 2 "select count(*) from backstitch.inventory where hashtext(id::text || :'seed') % 3 = 0"
as_role batch <<'SQL'
update backstitch.inventory set data = '{}', system_ref = '' where hashtext(id::text || :'seed') % 3 = 0;
SQL
for _ in 1 2 3; do
  backstitch --quiet --timeout 60s backup create >&2
  until [[ $(date +%s) != "${last-}" ]]; do sleep 0.1; done # labels are seconds
  last=$(date +%s)
done
