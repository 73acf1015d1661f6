#include "demo/checks.h"

#include <boost/json.hpp>
#include <sstream>

namespace backstitch::demo {
namespace {

std::string or_nothing(const std::string& text) { return text.empty() ? "nothing" : text; }

/// The org knows an order by the id it gave itself.
std::string told_of(const Collected& collected, const InsideOrder& order) {
  const auto found = collected.outside.told.find(order.source_order_id);
  return found == collected.outside.told.end() ? "" : found->second;
}

/// Neither idempotent nor able to answer a look-up.
bool is_blind(const Catalog& catalog, const std::string& interface) {
  const auto [system, found] = catalog.find_interface(interface);
  return system && !system->effects.idempotent && !system->effects.lookup;
}

bool was_called(const Collected& collected, const std::string& subject) {
  for (const auto& [interface, subjects] : collected.called)
    if (subjects.contains(subject)) return true;
  return false;
}

}  // namespace

Check check_acknowledged(const Collected& collected) {
  Check check{"acknowledged", "acknowledged = present, with the digest of what was sent", 0, collected.outside.faults};
  for (const auto& [name, digest] : collected.outside.acknowledged) {
    ++check.compared;
    const auto found = collected.inside.find(name);
    if (found == collected.inside.end())
      check.differences.push_back(name + " was acknowledged and is not there");
    else if (found->second.digest != digest)
      check.differences.push_back(
          fmt::format("{} was sent with digest {}, stored with {}", name, digest, or_nothing(found->second.digest)));
  }
  for (const auto& [name, order] : collected.inside)
    if (!collected.outside.acknowledged.contains(name))
      check.differences.push_back(fmt::format("{} ({}) is there and nobody holds an acknowledgement", name, order.id));
  for (const std::string& name : collected.outside.rejected) check.differences.push_back(name + " was rejected");
  return check;
}

Check check_told(const Collected& collected) {
  Check check{"told", "the org was told the end state", 0, {}};
  for (const auto& [name, order] : collected.inside) {
    ++check.compared;
    if (const std::string told = told_of(collected, order); told != order.state)
      check.differences.push_back(fmt::format("{} is {}, and the org was told {}", name, order.state, or_nothing(told)));
  }
  return check;
}

Check check_ended(const Collected& collected) {
  Check check{"ended", "orders end Activated, or wait behind an unknown outcome", 0, {}};
  std::set<std::string> excused = collected.with_people;
  for (const UnknownItem& item : collected.unknown) excused.insert(item.order_id);
  for (const auto& [name, order] : collected.inside) {
    ++check.compared;
    if (order.state != "Activated" && !excused.contains(order.id))
      check.differences.push_back(fmt::format("{} ({}) is {}", name, order.id, order.state));
    if (order.state == "Activated" && excused.contains(order.id))
      check.differences.push_back(fmt::format("{} ({}) is Activated with an item of unknown outcome", name, order.id));
  }
  for (const auto& [item, kind] : collected.attention)
    if (kind != "unknown-outcome" && kind != given_to_people)
      check.differences.push_back(fmt::format("{} waits for somebody: {}", item, kind));
  return check;
}

Check check_executions(const Collected& collected) {
  Check check{"executions", "at most one execution per business subject", 0, {}};
  for (const auto& [interface, subjects] : collected.executed) check.compared += static_cast<std::int64_t>(subjects.size());
  for (const auto& [interface, count] : collected.executed_twice)
    if (count > 0) check.differences.push_back(fmt::format("{} subjects were executed more than once on {}", count, interface));
  return check;
}

Check check_unknown(const Collected& collected, const Catalog& catalog) {
  Check check{"unknown", "unknown outcomes: only on blind, only calls that were on their way", 0, {}};
  for (const UnknownItem& item : collected.unknown) {
    ++check.compared;
    if (!is_blind(catalog, item.interface))
      check.differences.push_back(fmt::format("{} {} is on {}, which can be asked", item.id, item.name, item.interface));
    if (!was_called(collected, item.subject) && !item.marked)
      check.differences.push_back(fmt::format("{} {}: the system knows no call of {} and no mark of {} stands in the log",
                                              item.id, item.name, item.subject, item.effect_key));
  }
  return check;
}

void take_conservation(const Finished& ended, Check& check, std::vector<std::string>& sums) {
  constexpr std::size_t words_kept = 400, sums_printed = 3;
  std::istringstream lines(ended.out);
  for (std::string line; std::getline(lines, line);) {
    const auto known = line.find(" known ");
    if (known == std::string::npos || line.find(", difference ") == std::string::npos) {
      check.differences.push_back(line);
      continue;
    }
    sums.push_back(line);
    check.compared += std::atoll(line.c_str() + known + 7);
  }
  // One that ends well without its sums has compared nothing; one that does not and names nothing has stumbled.
  if (ended.exit_status == 0 && sums.size() == sums_printed) return;
  if (check.differences.empty())
    check.differences.push_back(
        fmt::format("ended with {} and {} sums: {}", ended.exit_status, sums.size(), ended.err.substr(0, words_kept)));
}

Check check_invariants(const boost::json::object& answer) {
  Check check{"invariants", "backstitch verify", 0, {}};
  const auto* data = answer.if_contains("data");
  const auto* items = data && data->is_object() ? data->get_object().if_contains("items") : nullptr;
  if (!items || !items->is_array() || items->get_array().empty()) {
    check.differences.push_back("verify named no invariants");
    return check;
  }
  for (const auto& item : items->get_array()) {
    ++check.compared;
    const auto* count = item.is_object() ? item.get_object().if_contains("count") : nullptr;
    const std::int64_t violations = count && count->is_number() ? count->to_number<std::int64_t>() : -1;
    if (violations != 0)
      check.differences.push_back(fmt::format("{} has {} violations", boost::json::serialize(item.at("id")), violations));
  }
  return check;
}

}  // namespace backstitch::demo
