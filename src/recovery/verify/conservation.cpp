#include "recovery/verify/conservation.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/json.h"
#include "engine/input.h"
#include "engine/working_set.h"
#include "recovery/prepared/prepared.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t named_max = 100, keys_in_read = 1000;

struct Submit {
  std::string account;
  OrderKeyRow key;
  std::uint64_t offset = 0;
  Time at;
};

/// All of the archive that is nobody's who stands.
Status read_archive(World& world, const char* topic, Partition partition, const std::function<bool(const queue::Record&)>& each) {
  const auto from = read_open(world, topic, partition, each);
  if (!from) return fail(from.error());
  return world.safe.read_archive(topic, partition, *from, each);
}

/// The first submit of each order that the archive holds for a partition: what a repetition says is not another order.
Result<std::map<std::string, Submit>> submits_of(World& world, Partition partition) {
  std::map<std::string, Submit> out;
  const auto take = [&](const queue::Record& record) {
    if (record.schema != "incoming.submit/1" || !is_open(world, record.key)) return true;
    const auto input = parse_input(
        {Log::incoming, partition, record.offset, record.appended, record.key, record.schema, record.headers, record.value});
    if (const auto* submit = input ? std::get_if<SubmitInput>(&*input) : nullptr) {
      const Order& order = submit->order;
      out.try_emplace(
          order_name(order.source, order.source_order_id, order.version),
          Submit{record.key, {order.source, order.source_order_id, order.version, {}, 0}, record.offset, record.appended});
    }
    return true;
  };
  BS_TRY(read_archive(world, "incoming", partition, take));
  return out;
}

/// Outcome of a record that left no row but its command: the id is its place in the log.
CommandId place_id(Partition partition, std::uint64_t offset) {
  return {first_128(sha256_parts({"incoming", std::to_string(partition), std::to_string(offset)}))};
}

Result<std::set<std::string>> found_keys(database::Shard& connection, const std::map<std::string, Submit>& submits) {
  std::set<std::string> out;
  std::vector<OrderKeyRow> wanted;
  auto look_up = [&]() -> Status {
    const auto found = connection.find_order_keys(wanted);
    if (!found) return fail(found.error());
    for (const OrderKeyRow& key : *found) out.insert(order_name(key.source, key.source_order_id, key.version));
    wanted.clear();
    return {};
  };
  for (const auto& [name, submit] : submits) {
    wanted.push_back(submit.key);
    if (wanted.size() == keys_in_read) BS_TRY(look_up());
  }
  if (!wanted.empty()) BS_TRY(look_up());
  return out;
}

/// "eff_….2" without the number of the call.
std::string effect_of(const std::string& call) { return call.substr(0, call.find('.')); }

/// Of a submit that bears the name of an order of an account that was passed over, its outcome says so: it is counted there.
bool is_of_another(World& world, const database::Position& position, const Submit& submit) {
  if (!world.standing) return false;
  const auto outcome = world.database->command(place_id(position.partition, submit.offset));
  const auto document = outcome ? parse_json(*outcome) : Result<json::value>(json::value());
  const json::value* state = document && document->is_object() ? document->get_object().if_contains("state") : nullptr;
  return state && state->is_string() && state->get_string() == "conflict";
}

void account_for(World& world, const database::Position& position, const Submit& submit, bool present, Sum& sum) {
  if (present && is_of_another(world, position, submit)) return;
  ++sum.known;
  if (present)
    ++(submit.at > world.plan.time ? sum.replayed : sum.kept);
  else if (submit.offset >= position.incoming)
    ++sum.open;
  else if (world.database->command(place_id(position.partition, submit.offset)))
    ++sum.rejected;  // refused or excluded, in writing
  else if (sum.missing.size() < named_max)
    sum.missing.push_back(fmt::format("order {} at {}:{}", submit.key.source_order_id, position.partition, submit.offset));
}

void add(const Sum& part, Sum& sum) {
  sum.known += part.known, sum.kept += part.kept, sum.replayed += part.replayed, sum.rejected += part.rejected;
  sum.open += part.open;
  for (const std::string& name : part.missing)
    if (sum.missing.size() < named_max) sum.missing.push_back(name);
}

}  // namespace

json::object sum_object(const Sum& sum) {
  json::array missing;
  for (const std::string& name : sum.missing) missing.emplace_back(name);
  return {{"of", sum.of},
          {"known", sum.known},
          {"kept", sum.kept},
          {"replayed", sum.replayed},
          {"repaired", sum.repaired},
          {"fatallyFailed", sum.fatally_failed},
          {"rejected", sum.rejected},
          {"open", sum.open},
          {"difference", sum.difference()},
          {"missing", std::move(missing)}};
}

Result<std::map<std::string, Sum>> orders_by_account(World& world, const database::Position& position) {
  const auto submits = submits_of(world, position.partition);
  if (!submits) return fail(submits.error());
  std::map<std::string, Sum> out;
  if (submits->empty()) return out;
  auto connection = world.database->open_shard();
  if (!connection) return fail(std::move(connection.error()));
  const auto present = found_keys(**connection, *submits);
  if (!present) return fail(present.error());
  for (const auto& [name, submit] : *submits) account_for(world, position, submit, present->contains(name), out[submit.account]);
  return out;
}

Result<Sum> conserve_orders(World& world) {
  Sum sum{.of = "orders"};
  const auto positions = world.database->positions();
  if (!positions) return fail(positions.error());
  for (const database::Position& position : *positions) {
    const auto accounts = orders_by_account(world, position);
    if (!accounts) return fail(accounts.error());
    for (const auto& [name, part] : *accounts) add(part, sum);
  }
  if (world.standing)
    for (const auto& [name, account] : world.standing->prepared.accounts) {
      sum.known += account.kept + account.replayed + account.rejected;
      sum.kept += account.kept, sum.replayed += account.replayed, sum.rejected += account.rejected;
    }
  return sum;
}

Result<Sum> conserve_inputs(World& world) {
  Sum sum{.of = "inputs"};
  const auto positions = world.database->positions();
  if (!positions) return fail(positions.error());
  for (const database::Position& position : *positions) {
    const auto end = world.safe.archived_end("incoming", position.partition);
    if (!end) return fail(end.error());
    sum.known += static_cast<std::int64_t>(*end) - 1;
    sum.replayed += static_cast<std::int64_t>(std::min(position.incoming, *end)) - 1;
    if (*end > position.incoming) sum.open += static_cast<std::int64_t>(*end - position.incoming);
  }
  return sum;
}

Result<std::map<std::string, std::set<std::string>>> marked_by_account(World& world, Partition partition) {
  std::map<std::string, std::set<std::string>> out;
  BS_TRY(read_archive(world, "completer", partition, [&](const queue::Record& record) {
    if (record.schema != "completer.mark/1" || record.appended < world.plan.time || !is_open(world, record.key)) return true;
    const auto document = parse_json(record.value);
    const json::value* key = document && document->is_object() ? document->get_object().if_contains("effectKey") : nullptr;
    if (key && key->is_string()) out[record.key].insert(effect_of(std::string(key->get_string())));
    return true;
  }));
  return out;
}

// Counted here by marks alone, without asking what settling made of them: it may have looked at more, never at less.
Result<Sum> conserve_effects(World& world, const json::object& reconciled) {
  Sum sum{.of = "effects"};
  std::int64_t marked = 0;
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    const auto accounts = marked_by_account(world, partition);
    if (!accounts) return fail(accounts.error());
    for (const auto& [name, effects] : *accounts) marked += static_cast<std::int64_t>(effects.size());
  }
  if (world.standing)
    for (const auto& [name, account] : world.standing->prepared.accounts) marked += account.marked;
  const auto number = [&](const char* name) { return reconciled.at(name).to_number<std::int64_t>(); };
  sum.known = std::max(marked, number("effects"));
  const json::array& rows = reconciled.at("rows").as_array();
  auto row = [&](std::size_t index) { return rows.at(index).to_number<std::int64_t>(); };
  sum.kept = row(0), sum.repaired = row(3), sum.replayed = row(5) + row(6) + row(7) + row(8);
  sum.fatally_failed = world.plan.policy == Policy::fatally_fail ? row(1) : 0;
  sum.open = row(2) + row(4) + row(9) + row(1) - sum.fatally_failed;
  return sum;
}

}  // namespace backstitch::recovery
