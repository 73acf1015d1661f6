#include "evidence.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/id.h"
#include "base/json.h"
#include "engine/input.h"

namespace backstitch::e2e {
namespace json = boost::json;
namespace {

std::string text(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

void take(const json::object& record, std::map<std::string, CallHistory>& calls) {
  const std::string schema = text(record, "schema");
  const json::value* value = record.if_contains("value");
  if (!value || !value->is_object()) return;
  const json::object& body = value->get_object();
  CallHistory& call = calls[text(body, "effectKey")];
  call.text += fmt::format("  {} {} {} {}{} {}\n", text(record, "appendedAt"), schema, text(body, "system"), text(body, "worker"),
                           text(body, "outcome"), text(body, "code"));
  const json::value* adopted = record.at("headers").as_object().if_contains("bs-adopted");
  const std::int64_t before = adopted ? call.records : call.records++;
  if (schema == "completer.mark/1") {
    // A repeated mark counts only if it stands behind what its writer had seen.
    if (body.at("resend").as_bool() && body.at("seen").to_number<std::int64_t>() != before) return;
    call.item_id = text(body, "itemId"), call.system = text(body, "system");
    call.markers.push_back(text(body, "worker")), call.decided = false;
  } else if (tells_of_call(schema) && text(body, "outcome") != "unknown") {
    call.decided = true;
  }
}

json::array ledger_subjects(World& world, const std::string& interface, int executed_min) {
  const auto path = fmt::format("/ledger/subjects?interface={}&executed={}", interface, executed_min);
  return world.system().get_json(path).at("items").as_array();
}

}  // namespace

std::map<std::string, CallHistory> read_calls(World& world) {
  std::map<std::string, CallHistory> calls;
  const json::value info = world.get("/api/v1/queues/completer");
  const std::size_t partitions = info.is_object() ? info.at("partitions").as_array().size() : 0;
  EXPECT_GT(partitions, 0u);
  for (std::size_t partition = 0; partition < partitions; ++partition) {
    std::string from = "1";
    while (!from.empty()) {
      const json::value page =
          world.get(fmt::format("/api/v1/queues/completer/records?partition={}&from={}&limit=1000", partition, from));
      EXPECT_TRUE(page.is_object());
      if (!page.is_object()) break;
      for (const json::value& record : page.at("items").as_array()) take(record.as_object(), calls);
      from = text(page.as_object(), "next");
    }
  }
  return calls;
}

std::string history_of(const std::map<std::string, CallHistory>& calls, const std::string& item_id) {
  std::string text = item_id + "\n";
  for (const auto& [key, call] : calls)
    if (call.item_id == item_id) text += " " + key + "\n" + call.text;
  return text;
}

std::set<std::string> items_cut_off(const std::map<std::string, CallHistory>& calls, const std::string& system,
                                    const std::set<std::string>& living_workers) {
  std::set<std::string> items;
  for (const auto& [key, call] : calls)
    if (call.system == system && !call.markers.empty() && !call.decided && !living_workers.contains(call.markers.back()))
      items.insert(call.item_id);
  return items;
}

std::map<std::string, std::string> fatally_failed_items(World& world) {
  std::map<std::string, std::string> items;
  for (const std::string& row : world.query("select id, error from backstitch.item where state = 'FatallyFailed'")) {
    const auto bar = row.find('|');
    items[ItemId::parse(row.substr(0, bar)).value().text()] = row.substr(bar + 1);
  }
  return items;
}

std::set<std::string> executed_keys(World& world, const std::string& interface) {
  std::set<std::string> keys;
  for (const json::value& subject : ledger_subjects(world, interface, 1))
    for (const json::value& effect : subject.at("effects").as_array()) keys.insert(text(effect.as_object(), "key"));
  return keys;
}

std::vector<std::string> executed_twice(World& world, const std::string& interface) {
  std::vector<std::string> subjects;
  for (const json::value& subject : ledger_subjects(world, interface, 2))
    subjects.push_back(text(subject.as_object(), "subject"));
  return subjects;
}

std::vector<std::string> violations(World& world, const std::string& only) {
  const HttpAnswer answer = world.call("POST", "/api/v1/verify" + (only.empty() ? "" : "?only=" + only));
  if (answer.status != 200) return {"verify: status " + std::to_string(answer.status) + " " + answer.error + answer.body};
  std::vector<std::string> found;
  const json::value document = standin_testing::parse(answer.body);
  for (const json::value& item : document.at("items").as_array())
    if (!item.at("ok").as_bool()) found.push_back(write_json(item));
  return found;
}

}  // namespace backstitch::e2e
