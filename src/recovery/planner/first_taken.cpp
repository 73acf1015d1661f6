#include "recovery/planner/first_taken.h"

#include <boost/json.hpp>
#include <map>

#include "base/json.h"
#include "recovery/replay/turn_range.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

Result<std::vector<Exclusion>> new_ones(safe::Safe& safe, const std::vector<Exclusion>& exclusions) {
  const auto before = load_exclusions(safe);
  if (!before) return fail(before.error());
  std::vector<Exclusion> out;
  for (const Exclusion& one : exclusions)
    if (!before->contains({one.partition, one.offset})) out.push_back(one);
  return out;
}

/// Offset → begin of the first turn that took it in. A partition's turns may be of several lives.
Status look_into_turns(safe::Safe& safe, Partition partition, std::map<std::uint64_t, Time>& begun) {
  return safe.read_turns(partition, [&](std::uint64_t, const std::string& line) {
    const auto document = parse_json(line);
    const json::object* turn = document && document->is_object() ? &document->get_object() : nullptr;
    const auto inputs = turn ? range_of_turn(*turn, "incoming") : std::nullopt;
    const json::value* at_text = turn ? turn->if_contains("at") : nullptr;
    const auto at = at_text && at_text->is_string() ? parse_rfc3339(at_text->get_string()) : Result<Time>(Time());
    if (!inputs || !at || !at->is_set()) return true;
    for (auto found = begun.lower_bound(inputs->from); found != begun.end() && found->first < inputs->end; ++found)
      if (!found->second.is_set() || *at < found->second) found->second = *at;
    return true;
  });
}

Result<Time> received_at(safe::Safe& safe, Partition partition, std::uint64_t offset) {
  Time at;
  BS_TRY(safe.read_archive("incoming", partition, offset, [&](const queue::Record& record) {
    at = record.appended;
    return false;
  }));
  return at;
}

}  // namespace

Result<std::optional<TakenIn>> first_taken(safe::Safe& safe, const std::vector<Exclusion>& exclusions) {
  const auto wanted = new_ones(safe, exclusions);
  if (!wanted) return fail(wanted.error());
  std::map<Partition, std::map<std::uint64_t, Time>> begun;
  for (const Exclusion& one : *wanted) begun[one.partition][one.offset] = {};
  for (auto& [partition, offsets] : begun) BS_TRY(look_into_turns(safe, partition, offsets));
  std::optional<TakenIn> first;
  for (const Exclusion& one : *wanted) {
    Time at = begun[one.partition][one.offset];
    if (!at.is_set()) {
      const auto received = received_at(safe, one.partition, one.offset);
      if (!received) return fail(received.error());
      at = *received;
    }
    if (!first || at < first->at) first = TakenIn{one, at};
  }
  return first;
}

Status check_restored(safe::Safe& safe, const std::vector<Exclusion>& exclusions,
                      const std::vector<database::Position>& restored) {
  const auto wanted = new_ones(safe, exclusions);
  if (!wanted) return fail(wanted.error());
  for (const Exclusion& one : *wanted)
    for (const database::Position& at : restored)
      if (at.partition == one.partition && at.incoming > one.offset)
        return fail(Code::target_behind_input, "input {} of partition {} lies before {}, where the restored rows stand",
                    one.offset, one.partition, at.incoming);
  return {};
}

}  // namespace backstitch::recovery
