#include "world/crowd.h"

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::world {
namespace json = boost::json;

std::string Crowd::order(const std::string& id, const std::string& account, const std::string& items) {
  // Half of the sources give no time of their own: the order is then named by the time of its record.
  const std::string requested =
      dice(2) ? "" : "\"requestedAt\":\"" + rfc3339({1'700'000'000'000'000 + orders_ * 1'000'000ll}) + "\",";
  static constexpr const char* regions[] = {"EMEA", "AMER", "APAC"};
  return fmt::format(
      "{{\"source\":\"org1\",\"sourceOrderId\":\"{}\",\"version\":1,{}\"accountId\":\"{}\",\"fields\":{{\"Region\":\"{}\"}},"
      "\"items\":[{}]}}",
      id, requested, account, regions[dice(3)], items);
}

std::string Crowd::bundle(const std::string& id, const std::string& owner) {
  static constexpr int speeds[] = {100, 500, 1000};
  std::string items = R"({"lineId":"1","product":"HOME-BUNDLE","action":"Add"})";
  auto add = [&](const char* line, const char* product, const std::string& attributes) {
    const std::string reference = dice(3) ? id + "/" + line : "";
    items += fmt::format(
        ",{{\"lineId\":\"{}\",\"parentLineId\":\"1\",\"product\":\"{}\",\"action\":\"Add\",\"assetRef\":\"{}\",\"attributes\":{{{"
        "}}}}}",
        line, product, reference, attributes);
    if (!reference.empty()) assets_.push_back({owner, reference, product});
  };
  add("1.1", "FIBER", fmt::format("\"speed\":{}", speeds[dice(3)]));
  if (dice(2)) add("1.2", "ROUTER", fmt::format("\"wifi\":{}", dice(2) ? "true" : "false"));
  if (dice(3) == 0) add("1.3", "TV", fmt::format("\"package\":\"{}\"", dice(2) ? "basic" : "sport"));
  return order(id, owner, items);
}

std::string Crowd::change(const std::string& id) {
  const Asset asset = assets_[dice(assets_.size())];
  static constexpr const char* actions[] = {"Change", "Change", "Disconnect", "Renew", "NoChange"};
  return order(
      id, asset.account,
      fmt::format("{{\"lineId\":\"1\",\"product\":\"{}\",\"action\":\"{}\",\"assetRef\":\"{}\",\"attributes\":{{\"speed\":{}}}}}",
                  asset.product, actions[dice(5)], asset.reference, dice(2) ? 500 : 1000));
}

void Crowd::submit_orders(int count) {
  std::vector<std::string> bodies;
  for (int i = 0; i < count; ++i) {
    const std::string id = "O-" + std::to_string(++orders_);
    bodies.push_back(!assets_.empty() && dice(3) == 0 ? change(id) : bundle(id, account()));
    if (!bodies_.empty() && dice(10) == 0) bodies.push_back(bodies_[dice(bodies_.size())].second);  // a client that asks again
  }
  const auto results = world_.intake().submit_all(bodies, "client");
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    const auto document = parse_json(bodies[i]).value();
    const std::string id(document.at("sourceOrderId").as_string()), owner(document.at("accountId").as_string());
    acknowledged_["org1\n" + id + "\n1"] = bodies[i];
    bodies_.emplace_back(owner, bodies[i]);
  }
}

void Crowd::append(const std::string& topic, const std::string& owner, const std::string& schema, const std::string& value) {
  queue::Append append;
  append.topic = topic, append.key = owner, append.schema = schema, append.value = value;
  append.partition = partition_of(owner, world_.settings().partitions);
  static_cast<void>(world_.queue().append({append}));
}

// A record of completer once more, in its own partition: an answer that comes twice, a timer that has gone by.
void Crowd::repeat_answer() {
  const auto partition = static_cast<Partition>(dice(static_cast<std::uint64_t>(world_.settings().partitions)));
  const auto topic = world_.queue().topic("completer");
  if (!topic) return;
  const auto& end = topic->partitions[static_cast<std::size_t>(partition)];
  if (end.end <= end.begin) return;
  auto records = world_.queue().read("completer", partition, end.begin + dice(end.end - end.begin), 1);
  if (!records || records->empty()) return;
  const queue::Record& record = records->front();
  queue::Append append;
  append.topic = "completer", append.partition = partition, append.key = record.key, append.schema = record.schema,
  append.value = record.value;
  static_cast<void>(world_.queue().append({append}));
}

void Crowd::append_noise() {
  const std::string id = "N-" + std::to_string(++orders_), owner = account();
  if (!bodies_.empty()) {
    const auto& [known_account, body] = bodies_[dice(bodies_.size())];
    append("incoming", known_account, "incoming.submit/1", body);                     // a duplicate, of an ended order too
    if (dice(2)) append("incoming", known_account, "incoming.submit/1", body + " ");  // a conflict: other bytes
  }
  append("incoming", owner, "incoming.submit/1", order(id, owner, R"({"lineId":"1","product":"NO-SUCH","action":"Add"})"));
  append("incoming", owner, "incoming.submit/1", "{\"source\":");
  append("incoming", owner, "incoming.submit/1", "{\"source\":\"org1\"}");
  append("incoming", owner, "incoming.freeze/1", "{}");
  append("incoming", owner, "incoming.item-command/1", R"({"commandId":"nonsense"})");
  append("completer", owner, "completer.answer/1", R"({"itemId":"itm_00000000000000000000000001","effectKey":"nonsense"})");
  append("completer", owner, "completer.due/1", R"({"itemId":"itm_00000000000000000000000001","timer":"retry","dueUs":1})");
  repeat_answer(), repeat_answer();
}

void Crowd::item_command(const std::string& item, const std::string& owner, const char* verb, bool with_reason) {
  std::string members = ",\"itemId\":\"" + item + "\",\"command\":\"" + verb + "\",\"attributes\":{\"serial\":\"by hand\"}";
  if (with_reason) members += ",\"reason\":\"asked by phone\"";
  static_cast<void>(world_.intake().command("item-command", owner, members, "ann", "c" + std::to_string(++commands_)));
}

void Crowd::task_command(const std::string& item, const std::string& owner, const char* verb, const std::string& actor) {
  const std::string members = fmt::format(
      ",\"itemId\":\"{}\",\"command\":\"{}\",\"owner\":\"bob\",\"attributes\":{{\"serial\":\"S-{}\"}}", item, verb, commands_);
  static_cast<void>(world_.intake().command("task-command", owner, members, actor, "c" + std::to_string(++commands_)));
}

void Crowd::system_command(const std::string& system, const char* verb) {
  static_cast<void>(world_.intake().broadcast("system-command",
                                              fmt::format(",\"system\":\"{}\",\"command\":\"{}\"", system, verb), "ann",
                                              "c" + std::to_string(++commands_)));
}

void Crowd::act_on(const std::string& kind, const std::string& item, const std::string& owner, const std::string& state,
                   const std::string& holder) {
  if (kind == "manual" && state == "Ready")
    return task_command(item, owner, dice(5) ? "claim" : "complete", dice(2) ? "ann" : "bob");
  if (kind == "manual") return task_command(item, owner, dice(4) ? "complete" : "reassign", dice(4) ? holder : "eve");
  if (kind == "failed") return item_command(item, owner, dice(3) ? "retry" : dice(2) ? "complete" : "fail", dice(2) == 0);
  if (kind == "fatally-failed" || kind == "unknown-outcome")
    return item_command(item, owner, dice(2) ? "retry" : "complete", dice(4) != 0);
  item_command(item, owner, "retry", true);  // on hold: only the system's release helps, so this is refused
}

void Crowd::operate() {
  const auto page = world_.database().attention({});
  if (!page) return;
  const auto document = parse_json(*page).value();
  for (const json::value& entry : document.at("items").as_array()) {
    if (dice(2)) continue;
    auto text = [&](const char* name) {
      const json::value& value = entry.at(name);
      return value.is_string() ? std::string(value.as_string()) : std::string();
    };
    act_on(text("kind"), text("itemId"), text("accountId"), text("state"), text("owner"));
  }
}

// Without dice: what else happens in the world of a seed stays as it is.
void Crowd::change_grants() {
  static constexpr const char* changes[] = {
      R"(,"verb":"add-user","user":"u1","password":"scrypt$1")",
      R"(,"verb":"assign","user":"u1","profile":"night")",
      R"(,"verb":"grant","profile":"night","resource":"items","action":"retry")",
      R"(,"verb":"revoke","profile":"operator","resource":"orders","action":"*")",
      R"(,"verb":"grant","profile":"night","resource":"weather","action":"make")",  // refused
      R"(,"verb":"remove-user","user":"u1")",
      R"(,"verb":"revoke","profile":"night","resource":"items","action":"retry")"};
  const int next = grants_++;
  static_cast<void>(
      world_.intake().house_command("grant-change", changes[next % std::size(changes)], "ann", "g" + std::to_string(next)));
}

void Crowd::switch_systems() {
  change_grants();
  static constexpr const char* systems[] = {"noc", "stock", "courier"};
  const char* system = systems[dice(3)];
  if (dice(2)) return system_command(system, "down");
  if (dice(4) == 0) return system_command(system, "unhold");  // refused while it is down
  system_command(system, "up"), system_command(system, "unhold");
}

bool Crowd::settle() {
  for (const char* system : {"noc", "stock", "courier"}) system_command(system, "up"), system_command(system, "unhold");
  const auto page = world_.database().attention({});
  if (!page) return false;
  const auto document = parse_json(*page).value();
  for (const json::value& entry : document.at("items").as_array()) {
    const std::string kind(entry.at("kind").as_string()), item(entry.at("itemId").as_string()),
        owner(entry.at("accountId").as_string());
    if (kind != "manual") item_command(item, owner, "complete", true);
    if (kind == "manual" && entry.at("state").as_string() == "Ready") task_command(item, owner, "claim", "ann");
    if (kind == "manual" && entry.at("state").as_string() == "Running")
      task_command(item, owner, "complete", std::string(entry.at("owner").as_string()));
  }
  return document.at("items").as_array().empty();
}

}  // namespace backstitch::world
