# A disk turns bits: some pages of inventory and of items no longer have their checksum.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 10 "select count(*) from backstitch.item where state = 'Completed'"
before=$(good_moment)
folder=$(psql -X -qtA -d "$CONNECTION" -c "show data_directory")
for table in inventory item; do
  psql -X -q -d "$CONNECTION" -c checkpoint >&2
  file=$folder/$(psql -X -qtA -d "$CONNECTION" -c "select pg_relation_filepath('backstitch.$table')")
  pages=$(($(stat -c %s "$file") / 8192))
  for ((page = SEED % 3; page < pages; page += 3)); do
    printf '\377\000\377' | dd of="$file" bs=1 seek=$((page * 8192 + 5000 + SEED % 1000)) conv=notrunc status=none
  done
done
# The server has to read them again to see it; the platform starts it anew.
kill -9 "$(head -n 1 "$folder/postmaster.pid")"
for ((tries = 0; tries < 100; ++tries)); do
  if psql -X -qtA -d "$CONNECTION" -c "select 1" >/dev/null 2>&1; then break; fi
  sleep 0.2
done
echo "--to=$before"
