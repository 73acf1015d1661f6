// Rows as the JSON of the API: camelCase, ids as text, times RFC 3339. Only for the .cpp files of the reads.
#pragma once
#include <boost/json.hpp>
#include <string>

#include "base/json.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// Stored JSON text as a value; as a string when it is none (then verify has something to say, not a read).
inline boost::json::value json_or_text(std::string_view text) {
  auto value = parse_json(text);
  if (value) return std::move(*value);
  return boost::json::value(text);
}

inline boost::json::value time_json(Time time) {
  return time.is_set() ? boost::json::value(rfc3339(time)) : boost::json::value(nullptr);
}

template <class AnyId>
boost::json::value id_json(Bits128 bits) {
  return bits.is_zero() ? boost::json::value(nullptr) : boost::json::value(AnyId{bits}.text());
}

/// What was taken over from the CRM, as a row holds it (engine/crm/held.h), with its time as a person reads it; null when nothing
/// was.
inline boost::json::value held_json(std::string_view text) {
  auto value = parse_json(text);
  auto* crm = value && value->is_object() ? value->get_object().if_contains("crm") : nullptr;
  if (!crm || !crm->is_object()) return nullptr;
  boost::json::value& at = crm->get_object()["modifiedAt"];
  if (at.is_int64()) at = time_json(Time{at.get_int64()});
  return std::move(*crm);
}

inline boost::json::value text_json(std::string_view text) { return boost::json::value(text); }

/// {"items":[…],"next":"…"|null}. The query asked for one row more than `limit`; the id in column 0 is the cursor.
template <class AnyId, class Item>
std::string page_json(const Rows& rows, int limit, Item item) {
  boost::json::array items;
  const int shown = rows.size() > limit ? limit : rows.size();
  for (int row = 0; row < shown; ++row) items.push_back(item(row));
  boost::json::value next = nullptr;
  if (rows.size() > limit) next = AnyId{rows.uuid(shown - 1, 0)}.text();
  return write_json(boost::json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

/// The cursor's id, zero when empty. Code::usage.
template <class AnyId>
Result<Bits128> cursor_of(const std::string& cursor) {
  if (cursor.empty()) return Bits128{};
  const auto id = AnyId::parse(cursor);
  if (!id) return fail(id.error());
  return id->bits;
}

}  // namespace backstitch::database
