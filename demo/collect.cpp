#include "demo/collect.h"

#include <boost/json.hpp>
#include <sstream>

#include "base/files.h"
#include "base/json.h"

namespace backstitch::demo {
namespace {

namespace json = boost::json;

constexpr std::int64_t script_timeout_ms = 120'000;
constexpr std::size_t words_kept = 400;

std::string text_of(const json::value& from, const char* name) {
  const auto* value = from.is_object() ? from.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::value& from, const char* name, std::int64_t otherwise) {
  const auto* value = from.is_object() ? from.get_object().if_contains(name) : nullptr;
  return value && value->is_number() ? value->to_number<std::int64_t>() : otherwise;
}

Status collect_orders(World& world, Collected& collected) {
  const auto list = world.platform().list("/orders");
  if (!list) return fail(list.error());
  std::vector<std::string> paths;
  for (const json::value& entry : *list) paths.push_back("/orders/" + text_of(entry, "id"));
  for (const json::value& order : world.platform().get_all(paths)) {
    if (!order.is_object()) return fail(Code::unreachable, "an order of the list is not there any more");
    collected.inside[order_name(text_of(order, "source"), text_of(order, "sourceOrderId"), number_of(order, "version", 1))] = {
        text_of(order, "id"), text_of(order, "sourceOrderId"), text_of(order, "state"), text_of(order, "bodyDigest")};
  }
  return {};
}

/// True when a mark of this call stands in the log of the order's partition.
Result<bool> is_marked(World& world, const UnknownItem& item) {
  const auto order = world.platform().get("/orders/" + item.order_id);
  if (!order) return fail(order.error());
  std::string from = "1";
  while (!from.empty()) {
    const auto page = world.platform().get(
        fmt::format("/queues/completer/records?partition={}&from={}&limit=1000", number_of(*order, "partition", 0), from));
    if (!page) return fail(page.error());
    const auto* items = page->is_object() ? page->get_object().if_contains("items") : nullptr;
    if (!items || !items->is_array()) return fail(Code::json_invalid, "records of completer: no items");
    for (const json::value& record : items->get_array()) {
      const auto* value = record.get_object().if_contains("value");
      if (text_of(record, "schema").starts_with("completer.mark/") && value && text_of(*value, "effectKey") == item.effect_key)
        return true;
    }
    from = text_of(*page, "next");
  }
  return false;
}

/// An outcome that nobody knows is one also when it is a recovery that says so: it could ask nobody. Under the plain procedure a
/// recovery asks nobody at all, and what it stopped is for people.
std::string attention_kind(const json::value& entry, bool plain_procedure) {
  constexpr std::string_view by_recovery = "BS-6303 ", nobody_knows = "BS-6303 nobody can tell";
  const std::string error = text_of(entry, "error");
  if (plain_procedure && error.starts_with(by_recovery)) return given_to_people;
  return error.starts_with(nobody_knows) ? "unknown-outcome" : text_of(entry, "kind");
}

Status collect_attention(World& world, Collected& collected) {
  const auto list = world.platform().list("/tasks");
  if (!list) return fail(list.error());
  for (const json::value& entry : *list) {
    const std::string kind = attention_kind(entry, world.options().policy == "fatally-fail"), id = text_of(entry, "id");
    collected.attention[id] = kind;
    if (kind != "unknown-outcome" && kind != given_to_people) continue;
    const auto item = world.platform().get("/items/" + id);
    if (!item) return fail(item.error());
    if (kind == given_to_people) collected.with_people.insert(text_of(*item, "orderId"));
    if (kind != "unknown-outcome") continue;
    UnknownItem unknown{id,
                        text_of(*item, "orderId"),
                        text_of(*item, "name"),
                        text_of(*item, "subject"),
                        text_of(*item, "interface"),
                        text_of(*item, "effectKey")};
    const auto marked = is_marked(world, unknown);
    if (!marked) return fail(marked.error());
    unknown.marked = *marked;
    collected.unknown.push_back(std::move(unknown));
  }
  return {};
}

Status collect_subjects(World& world, Collected& collected) {
  const auto answer = world.system().get("/ledger/subjects?executed=0");
  if (!answer) return fail(answer.error());
  const auto* items = answer->is_object() ? answer->get_object().if_contains("items") : nullptr;
  if (!items || !items->is_array()) return fail(Code::json_invalid, "ledger/subjects holds no items");
  for (const json::value& item : items->get_array()) {
    const std::string interface = text_of(item, "interface"), subject = text_of(item, "subject");
    const std::int64_t executions = number_of(item, "executions", 0);
    collected.called[interface].insert(subject);
    if (executions > 0) collected.executed[interface].insert(subject);
    if (executions > 1) ++collected.executed_twice[interface];
  }
  return {};
}

}  // namespace

Result<Collected> collect(World& world) {
  Collected collected;
  for (const std::string& file : world.order_files()) BS_TRY(read_outside_ledger(file, collected.outside));
  BS_TRY(collect_orders(world, collected));
  BS_TRY(collect_attention(world, collected));
  BS_TRY(collect_subjects(world, collected));
  return collected;
}

Check check_by_script(World& world) {
  Check check{"script", "compare_ledgers.sh, which links nothing of ours", 0, {}};
  Command command{.argv = {"bash", world.options().scripts + "/compare_ledgers.sh", "--psql",
                           world.platform().database_connection(), "--ledger"}};
  const std::vector<std::string> files = world.order_files();
  command.argv.insert(command.argv.end(), files.begin(), files.end());
  const auto ended = run(command, script_timeout_ms);
  if (!ended) {
    check.differences.push_back(ended.error().text());
    return check;
  }
  std::istringstream lines(ended->out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("DIFFERS ")) check.differences.push_back(line.substr(8));
    if (line.starts_with("acknowledged ")) check.compared = std::atoll(line.c_str() + 13);
  }
  if (ended->exit_status != 0 && check.differences.empty())
    check.differences.push_back(fmt::format("ended with {}: {}", ended->exit_status, ended->err.substr(0, words_kept)));
  return check;
}

Check check_conservation(World& world, std::vector<std::string>& sums) {
  Check check{"conservation", "conservation.sh, a third program: what was known outside is there", 0, {}};
  Command command{.argv = {"bash", world.options().scripts + "/conservation.sh", "--psql", world.platform().database_connection(),
                           "--system", world.system_file(), "--ledger"}};
  const std::vector<std::string> files = world.order_files();
  command.argv.insert(command.argv.end(), files.begin(), files.end());
  if (file_exists(world.test_file())) command.argv.push_back(world.test_file());
  // A safe on S3 is not looked into: where something was broken, something was recovered.
  const bool safe_elsewhere = world.options().stores.find("s3") != std::string::npos;
  if (safe_elsewhere ? world.options().corruption != "none"
                     : !list_folder(world.platform().data() + "/safe/recoveries").empty()) {
    const std::string listed = world.folder() + "/work.csv";
    const auto exported = world.platform().command({"recover", "work", "--export", listed});
    if (!exported) return check.differences.push_back(exported.error().text()), check;
    command.argv.insert(command.argv.end(), {"--listed", listed});
  }
  const auto ended = run(command, script_timeout_ms);
  if (!ended) return check.differences.push_back(ended.error().text()), check;
  take_conservation(*ended, check, sums);
  return check;
}

Result<json::object> system_summary(World& world) {
  const auto answer = world.system().get("/ledger/summary");
  if (!answer) return fail(answer.error());
  const auto* interfaces = answer->is_object() ? answer->get_object().if_contains("interfaces") : nullptr;
  if (!interfaces || !interfaces->is_object()) return fail(Code::json_invalid, "ledger/summary names no interfaces");
  return interfaces->get_object();
}

}  // namespace backstitch::demo
