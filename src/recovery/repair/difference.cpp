#include "recovery/repair/difference.h"

#include <algorithm>

#include "base/json.h"
#include "base/json_member.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

bool is_thing(const std::string& table) { return table == "asset" || table == "inventory"; }

void compare_columns(const AccountSide::Key& key, const json::object& live, const json::object& corrected,
                     std::vector<RowDifference>& out) {
  for (const auto& [column, value] : corrected) {
    const json::value* here = live.if_contains(column);
    if (!here || *here != value) out.push_back({key.first, key.second, std::string(column), here ? *here : json::value(), value});
  }
  for (const auto& [column, value] : live)
    if (!corrected.contains(column)) out.push_back({key.first, key.second, std::string(column), value, json::value()});
}

/// An answer may come at any moment to what is in the air: what the row says of it is not put right behind its back.
bool is_in_the_air(const json::object* live, const json::object* corrected) {
  const bool runs = (live && text_in(*live, "state") == "Running") || (corrected && text_in(*corrected, "state") == "Running");
  if (!runs) return false;
  if (!live || !corrected) return true;
  const auto differs = [&](const char* column) { return live->at(column) != corrected->at(column); };
  return differs("state") || differs("attempt") || differs("call") || differs("digest");
}

class Comparison {
 public:
  Comparison(const std::string& account_id, const AccountSide& live, const AccountSide& corrected)
      : account_(account_id), live_(live), corrected_(corrected) {}

  AccountDifference run() {
    for (const auto& [key, row] : live_.rows) compare(key, &row, find(corrected_, key));
    for (const auto& [key, row] : corrected_.rows)
      if (!live_.rows.contains(key)) compare(key, nullptr, &row);
    std::set<Bits128> told;
    for (const auto* side : {&live_, &corrected_})
      for (const auto& [order, events] : side->events) told.insert(order);
    for (const Bits128 order : told) compare_events(order);
    return std::move(out_);
  }

 private:
  static const AccountSide::Row* find(const AccountSide& side, const AccountSide::Key& key) {
    const auto found = side.rows.find(key);
    return found == side.rows.end() ? nullptr : &found->second;
  }

  void compare(const AccountSide::Key& key, const AccountSide::Row* live, const AccountSide::Row* corrected) {
    if (live && corrected && live->columns == corrected->columns) return;
    if (live && corrected)
      compare_columns(key, live->columns, corrected->columns, out_.rows);
    else
      out_.rows.push_back({key.first, key.second, "", live ? json::value(live->columns) : json::value(),
                           corrected ? json::value(corrected->columns) : json::value()});
    if (is_thing(key.first))
      return look_at_owner(key.first + " " + key.second, corrected ? text_in(corrected->columns, "account_id") : "");
    note_order((corrected ? corrected : live)->order);
    if (key.first == "item" && is_in_the_air(live ? &live->columns : nullptr, corrected ? &corrected->columns : nullptr))
      obstruct(fmt::format("item {} is in the air, and its row says otherwise", ItemId{*parse_uuid(key.second)}.text()));
  }

  void compare_events(Bits128 order) {
    const std::string live = live_.told(order), corrected = corrected_.told(order);
    if (live == corrected) return;
    out_.rows.push_back({"event", uuid_text(order), "data", json::value(live), json::value(corrected)});
    note_order(order);
  }

  void note_order(Bits128 order) {
    if (!out_.orders.insert(order).second) return;
    look_at_owner("order " + OrderId{order}.text(), corrected_.account_of_order(order));
  }

  /// What the log gives to another account is put right with that one.
  void look_at_owner(const std::string& what, const std::string& owner) {
    if (!owner.empty() && owner != account_) obstruct(fmt::format("{} is of account {}: repair that one", what, owner));
  }
  void obstruct(std::string why) {
    if (out_.obstacle.empty()) out_.obstacle = std::move(why);
  }

  const std::string& account_;
  const AccountSide &live_, &corrected_;
  AccountDifference out_;
};

/// Orders that are written anew: those that differ, and those by which the CRM is told of an asset that differs.
std::set<Bits128> orders_of(const AccountDifference& difference, const AccountSide& corrected, const std::string& account_id) {
  std::set<Bits128> out = difference.orders;
  for (const RowDifference& row : difference.rows) {
    const auto asset = row.table == "asset" ? corrected.rows.find({row.table, row.id}) : corrected.rows.end();
    if (asset == corrected.rows.end()) continue;
    const auto order = parse_uuid(text_in(asset->second.columns, "changed_by"));
    if (order && corrected.account_of_order(*order) == account_id) out.insert(*order);
  }
  return out;
}

/// Events that are right keep the turns in which they were written; others come in the turn of the repair.
json::array event_rows(Bits128 order, const AccountSide& live, const AccountSide& corrected) {
  const auto right = corrected.events.find(order);
  if (right == corrected.events.end()) return {};
  json::array out;
  if (live.told(order) == corrected.told(order)) {
    for (const json::object& row : live.events.at(order)) out.push_back(row);
    return out;
  }
  std::int64_t count = 0;
  for (const json::object& row : right->second) count += row.at("count").to_number<std::int64_t>();
  json::object merged = right->second.back();
  merged["turn"] = 0, merged["count"] = count, merged["data"] = corrected.told(order);
  out.push_back(std::move(merged));
  return out;
}

json::array& list(json::object& tables, const std::string& table) {
  json::value& rows = tables[table];
  if (!rows.is_array()) rows.emplace_array();
  return rows.get_array();
}

}  // namespace

Result<AccountSide> AccountSide::read(const std::vector<database::AccountRow>& rows) {
  AccountSide side;
  for (const database::AccountRow& row : rows) {
    auto document = parse_json(row.document);
    if (!document) return fail(std::move(document.error()));
    if (!document->is_object()) return fail(Code::json_invalid, "a row of {} is no object", row.table);
    if (row.table == "event")
      side.events[row.order].push_back(std::move(document->get_object()));
    else
      side.rows[{row.table, row.id}] = {row.order, std::move(document->get_object())};
  }
  for (auto& [order, events] : side.events)
    std::sort(events.begin(), events.end(), [](const json::object& a, const json::object& b) {
      return a.at("turn").to_number<std::int64_t>() < b.at("turn").to_number<std::int64_t>();
    });
  return side;
}

std::string AccountSide::told(Bits128 order) const {
  std::string out;
  if (const auto found = events.find(order); found != events.end())
    for (const json::object& row : found->second) out += text_in(row, "data");
  return out;
}

std::string AccountSide::account_of_order(Bits128 order) const {
  const auto found = rows.find({"orders", uuid_text(order)});
  return found == rows.end() ? std::string() : text_in(found->second.columns, "account_id");
}

AccountDifference compare_rows(const std::string& account_id, const AccountSide& live, const AccountSide& corrected) {
  return Comparison(account_id, live, corrected).run();
}

json::object repair_rows(const std::string& account_id, const AccountDifference& difference, const AccountSide& live,
                         const AccountSide& corrected) {
  json::object rows, taken;
  const std::set<Bits128> orders = orders_of(difference, corrected, account_id);
  std::set<AccountSide::Key> keys;  // of order_key, on either side
  for (const auto* side : {&corrected, &live})
    for (const auto& [key, row] : side->rows) {
      const bool right = side == &corrected;
      if (is_thing(key.first)) {
        const bool is_ours = text_in(row.columns, "account_id") == account_id;
        if (right && is_ours) list(rows, key.first).push_back(row.columns);
        if (!right && is_ours && !corrected.rows.contains(key)) list(taken, key.first).push_back(row.columns);
      } else if (orders.contains(row.order)) {
        if (right) list(rows, key.first).push_back(row.columns);
        if (key.first == "order_key" && keys.insert(key).second) list(taken, key.first).push_back(row.columns);
      }
    }
  for (const Bits128 order : orders) {
    list(taken, "orders").push_back(json::object{{"id", uuid_text(order)}});
    for (json::value& row : event_rows(order, live, corrected)) list(rows, "event").push_back(std::move(row));
  }
  return {{"rows", std::move(rows)}, {"taken", std::move(taken)}};
}

}  // namespace backstitch::recovery
