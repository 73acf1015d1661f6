#include "recovery/prepared/net_state.h"

#include <charconv>
#include <set>

#include "base/json.h"
#include "recovery/prepared/prepared.h"
#include "recovery/prepared/prepared_files.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::int64_t append_margin_ms = 60'000;  // a record is appended before the turn that holds it commits

Time since(const World& world) { return world.plan.time.plus_ms(-append_margin_ms); }

/// A line that says whose it is, and a line with what is said: bodies are JSON on one line, and are not parsed again.
void append_update(std::string& text, const NetUpdate& one) {
  text += fmt::format("{}\t{}\t{}\t", one.order.text(), one.update.partition, one.update.type);
  append_json_string(text, one.update.account_id);
  text += '\n' + one.update.body + '\n';
}

struct Prepared {
  std::string_view order, partition, type, account, body;  // the account as JSON has it
  bool is_asset() const { return type == "asset"; }
};

std::string_view cut_off(std::string_view& text, char behind) {
  const auto end = std::min(text.find(behind), text.size());
  const std::string_view found = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return found;
}

Prepared next_of(std::string_view& text) {
  std::string_view head = cut_off(text, '\n');
  Prepared one;
  one.order = cut_off(head, '\t'), one.partition = cut_off(head, '\t'), one.type = cut_off(head, '\t'), one.account = head;
  one.body = cut_off(text, '\n');
  return one;
}

Result<CrmUpdate> update_of(const Prepared& one) {
  const auto account = parse_json(one.account);
  Partition partition = 0;
  const auto read = std::from_chars(one.partition.data(), one.partition.data() + one.partition.size(), partition);
  if (read.ec != std::errc() || !account || !account->is_string() || one.body.empty())
    return fail(Code::json_invalid, "no prepared update: {}", one.order);
  return CrmUpdate{json::value_to<std::string>(*account), partition, std::string(one.type), std::string(one.body)};
}

Result<NetUpdates> read_all(World& world, Time changed_since) {
  auto connection = world.database->open_shard();
  if (!connection) return fail(std::move(connection.error()));
  return net_updates(*world.database, **connection, world.library, {.since = since(world), .changed_since = changed_since});
}

/// What was worked out anew, and whose it is: of these orders, and of the assets of these accounts, nothing of before is told.
struct Recent {
  explicit Recent(NetUpdates updates) {
    for (NetUpdate& one : updates) {
      const bool is_asset = one.update.type == "asset";
      std::string account;
      append_json_string(account, one.update.account_id);
      if (is_asset)
        accounts.insert(std::move(account)), assets.push_back(std::move(one.update));
      else
        orders.insert(one.order.text()), of_orders.push_back(std::move(one.update));
    }
  }
  bool has(const Prepared& one) const { return one.is_asset() ? accounts.contains(one.account) : orders.contains(one.order); }

  std::vector<CrmUpdate> of_orders, assets;
  std::set<std::string, std::less<>> orders, accounts;  // accounts as JSON has them
};

Status tell_all(std::vector<CrmUpdate>& updates, const TellUpdate& tell) {
  for (CrmUpdate& one : updates) BS_TRY(tell(std::move(one)));
  updates.clear();
  return {};
}

Status tell_joined(std::string_view prepared, Recent recent, const TellUpdate& tell) {
  while (!prepared.empty()) {
    const Prepared one = next_of(prepared);
    if (one.is_asset()) BS_TRY(tell_all(recent.of_orders, tell));
    if (recent.has(one)) continue;
    auto update = update_of(one);
    if (!update) return fail(std::move(update.error()));
    BS_TRY(tell(std::move(*update)));
  }
  BS_TRY(tell_all(recent.of_orders, tell));
  return tell_all(recent.assets, tell);
}

/// What the tail has changed since: decisions have come behind the one that verify saw.
Result<NetUpdates> read_recent(World& world) {
  const auto tail = tail_behind(world, world.standing->prepared.positions);
  if (!tail) return fail(tail.error());
  if (!tail->since.is_set()) return NetUpdates();
  return read_all(world, tail->since);
}

}  // namespace

Status prepare_net_state(World& world) {
  const auto updates = read_all(world, since(world));
  if (!updates) return fail(updates.error());
  std::string text;
  for (const NetUpdate& one : *updates) append_update(text, one);
  return world.safe.put(evidence_name(world.plan, prepared_updates_file), text);
}

Result<TellAll> read_net_state(World& world) {
  auto updates = world.standing ? read_recent(world) : read_all(world, since(world));
  if (!updates) return fail(std::move(updates.error()));
  const auto recent = std::make_shared<Recent>(std::move(*updates));
  Result<std::string> kept{std::string()};
  if (world.standing) kept = world.safe.get(evidence_name(world.plan, prepared_updates_file));
  if (!kept) return fail(kept.error());
  const auto prepared = std::make_shared<const std::string>(std::move(*kept));
  return [recent, prepared](const TellUpdate& tell) { return tell_joined(*prepared, std::move(*recent), tell); };
}

}  // namespace backstitch::recovery
