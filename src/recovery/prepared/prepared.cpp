#include "recovery/prepared/prepared.h"

#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "engine/account/repair_account.h"
#include "recovery/prepared/positions.h"
#include "recovery/prepared/prepared_files.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

json::array row_of(const std::string& name, const PreparedAccount& account) {
  return {name, account.digest, account.kept, account.replayed, account.rejected, account.stood, account.adopted, account.marked};
}

PreparedAccount account_from(const json::array& row) {
  PreparedAccount account;
  account.digest = row[1].to_number<std::uint64_t>();
  std::size_t next = 2;
  for (auto* number : {&account.kept, &account.replayed, &account.rejected, &account.stood, &account.adopted, &account.marked})
    *number = row[next++].to_number<std::int64_t>();
  return account;
}

/// A seal is nobody's, and what is left out by name was no part of the replay.
bool concerns_nobody(const queue::Record& record) {
  return record.schema.ends_with(".seal/1") || record.schema == "incoming.exclusion/1";
}

Status read_tail(safe::Safe& safe, const char* topic, Partition partition, std::uint64_t from, Tail& tail) {
  const Status read = safe.read_archive(topic, partition, from, [&](const queue::Record& record) {
    if (concerns_nobody(record)) return true;
    tail.everybody |= record.key == "*";
    tail.takes_away |= record.schema == account_repair_schema;
    tail.accounts.insert(record.key);
    if (!tail.since.is_set() || record.appended < tail.since) tail.since = record.appended;
    return true;
  });
  return read || read.error().code == Code::offset_behind_end ? Status() : read;
}

}  // namespace

std::string prepared_text(const Prepared& prepared) {
  std::string text = write_json(json::object{{"positions", positions_array(prepared.positions)},
                                             {"invariantsHeld", prepared.invariants_held},
                                             {"moment", prepared.moment},
                                             {"undone", prepared.undone},
                                             {"counts", counts_object(prepared.counts)}}) +
                     "\n";
  for (const auto& [name, account] : prepared.accounts) text += write_json(row_of(name, account)) + "\n";
  for (const std::string& name : prepared.open) text += write_json(json::array{name}) + "\n";
  return text;
}

Result<Prepared> prepared_from(const std::string& text) {
  Prepared prepared;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const auto head = parse_json(line);
  if (!head) return fail(head.error());
  prepared.positions = positions_from(head->at("positions").as_array());
  prepared.invariants_held = head->at("invariantsHeld").as_bool();
  if (const json::value* moment = head->as_object().if_contains("moment")) prepared.moment = moment->to_number<std::uint64_t>();
  prepared.undone = json::value_to<std::string>(head->at("undone"));
  prepared.counts = counts_from(head->at("counts").as_object());
  while (std::getline(lines, line)) {
    const auto row = parse_json(line);
    if (!row) return fail(row.error());
    const json::array& members = row->as_array();
    if (members.size() != 8 && members.size() != 1) return fail(Code::json_invalid, "no account of a prepared copy: {}", line);
    if (members.size() == 1)
      prepared.open.insert(json::value_to<std::string>(members[0]));
    else
      prepared.accounts.emplace(json::value_to<std::string>(members[0]), account_from(members));
  }
  return prepared;
}

Result<Tail> tail_behind(World& world, const std::vector<database::Position>& positions) {
  Tail tail;
  for (const database::Position& at : positions) {
    BS_TRY(read_tail(world.safe, "incoming", at.partition, at.incoming, tail));
    BS_TRY(read_tail(world.safe, "completer", at.partition, at.completer, tail));
  }
  return tail;
}

void read_ahead(World& world) {
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    for (const char* topic : {"incoming", "completer"}) static_cast<void>(world.safe.archived_end(topic, partition));
    static_cast<void>(world.safe.mirrored_turn(partition));
  }
}

Status find_standing(World& world) {
  if (world.standing) return {};
  const auto text = world.safe.get(evidence_name(world.plan, prepared_file));
  if (!text && text.error().code == Code::object_not_found) return {};
  if (!text) return fail(text.error());
  auto prepared = prepared_from(*text);
  if (!prepared) return fail(std::move(prepared.error()));
  auto tail = tail_behind(world, prepared->positions);
  if (!tail) return fail(std::move(tail.error()));
  if (tail->everybody) {
    world.say("a record that concerns every account came after the copy was prepared: all of them are looked at again");
    return {};
  }
  for (const std::string& account : tail->accounts) prepared->accounts.erase(account);
  std::set<std::string> others = tail->accounts;
  others.insert(prepared->open.begin(), prepared->open.end());
  auto places = load_places(world, prepared->positions, others);
  if (!places) return fail(std::move(places.error()));
  world.standing = std::make_shared<const Standing>(Standing{std::move(*prepared), std::move(*tail), std::move(*places)});
  return {};
}

bool is_open(const World& world, const std::string& account) { return !world.standing || !world.standing->holds(account); }

}  // namespace backstitch::recovery
