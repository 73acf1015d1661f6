#include "stores/database/invariants/items_due.h"

#include "stores/database/backup/measure.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

Result<std::vector<ItemDue>> items_due(const std::string& connection) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  BS_TRY(prepare_session(*session));
  // In any other state nothing comes of a timer: the item went on, or waits for somebody.
  const auto rows = session->query(
      "select i.id, o.partition, i.due_at, o.account_id,"
      " case i.state when 'Failed' then 'retry' when 'Scheduled' then 'processAfter' else 'callback' end from item i join orders "
      "o on o.id = order_id(i.id)"
      " where i.due_at is not null and i.state in ('Scheduled', 'Running', 'Failed')");
  if (!rows) return fail(rows.error());
  std::vector<ItemDue> out;
  for (int row = 0; row < rows->size(); ++row)
    out.push_back({{rows->uuid(row, 0)}, rows->int4(row, 1), rows->time(row, 2), rows->string(row, 3), rows->string(row, 4)});
  return out;
}

}  // namespace backstitch::database
