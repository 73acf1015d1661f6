#include "recovery/replay/recorded_order.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"
#include "recovery/replay/turn_range.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::optional<std::uint64_t> number(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.get_string();
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

std::uint64_t& place_of(Log log, std::uint64_t& completer, std::uint64_t& incoming) {
  return log == Log::completer ? completer : incoming;
}

}  // namespace

std::optional<TurnRange> range_of_turn(const json::object& turn, const char* name) {
  const json::value* value = turn.if_contains(name);
  if (!value || !value->is_array() || value->get_array().size() != 2) return std::nullopt;
  const auto from = number(value->get_array()[0]), end = number(value->get_array()[1]);
  if (!from || !end || *end < *from) return std::nullopt;
  return TurnRange{*from, *end};
}

void RecordedOrder::add(Log log, std::uint64_t from, std::uint64_t end) {
  if (end <= from) return;
  if (!runs_.empty() && runs_.back().log == log)
    runs_.back().end = end;
  else
    runs_.push_back({log, end});
}

Result<RecordedOrder> RecordedOrder::read(safe::Safe& safe, Partition partition, bool beyond_mirror) {
  RecordedOrder order;
  order.partition_ = partition;
  std::uint64_t completer = 1, incoming = 1;
  Status broken;
  BS_TRY(safe.read_turns(partition, [&](std::uint64_t turn, const std::string& line) {
    const auto document = parse_json(line);
    const json::object* object = document && document->is_object() ? &document->get_object() : nullptr;
    const auto answers = object ? range_of_turn(*object, "completer") : std::nullopt,
               inputs = object ? range_of_turn(*object, "incoming") : std::nullopt;
    // A range may begin before the known end: after a recovery the turns go on from its restore point, over records that turns of
    // before had consumed in this same order.
    if (!answers || !inputs || answers->from > completer || inputs->from > incoming) {
      broken = fail(Code::checksum_mismatch, "turn mirror of partition {}: turn {} does not go on from completer {}, incoming {}",
                    partition, turn, completer, incoming);
      return false;
    }
    order.add(Log::completer, completer, answers->end), order.add(Log::incoming, incoming, inputs->end);
    completer = std::max(completer, answers->end), incoming = std::max(incoming, inputs->end);
    return true;
  }));
  if (!broken) return fail(std::move(broken.error()));
  if (!beyond_mirror) return order;
  const auto completer_end = safe.archived_end("completer", partition), incoming_end = safe.archived_end("incoming", partition);
  if (!completer_end) return fail(completer_end.error());
  if (!incoming_end) return fail(incoming_end.error());
  order.free_ = Free{completer, incoming, *completer_end, *incoming_end};
  order.add(Log::completer, completer, *completer_end), order.add(Log::incoming, incoming, *incoming_end);
  return order;
}

Status RecordedOrder::end_at(std::uint64_t wanted_completer, std::uint64_t wanted_incoming) {
  std::uint64_t completer = 1, incoming = 1;
  auto run = runs_.begin();
  for (; run != runs_.end() && place_of(run->log, wanted_completer, wanted_incoming) >= run->end; ++run)
    place_of(run->log, completer, incoming) = run->end;
  if (run != runs_.end()) {  // the run in which it stops keeps its beginning
    std::uint64_t& reached = place_of(run->log, completer, incoming);
    const std::uint64_t end = place_of(run->log, wanted_completer, wanted_incoming);
    if (end > reached) reached = run->end = end, ++run;
  }
  if (completer != wanted_completer || incoming != wanted_incoming)
    return fail(Code::replay_misplaced,
                "partition {} is to end at completer {}, incoming {}; the recorded order comes to completer {}, incoming {}",
                partition_, wanted_completer, wanted_incoming, completer, incoming);
  runs_.erase(run, runs_.end());
  free_.reset();
  return {};
}

Result<std::vector<Run>> RecordedOrder::from(const database::Position& position) const {
  // Behind the mirror nobody recorded an order: a log that has grown since the last fold goes on from where that stood.
  if (free_ && position.completer >= free_->completer && position.incoming >= free_->incoming) {
    std::vector<Run> rest;
    if (position.completer < free_->completer_end) rest.push_back({Log::completer, free_->completer_end});
    if (position.incoming < free_->incoming_end) rest.push_back({Log::incoming, free_->incoming_end});
    return rest;
  }
  std::uint64_t completer = 1, incoming = 1;
  std::uint64_t wanted_completer = position.completer, wanted_incoming = position.incoming;
  auto run = runs_.begin();
  // As far as the position has gone whole runs with us; the run in which it stops is left, less its beginning.
  for (; run != runs_.end() && place_of(run->log, wanted_completer, wanted_incoming) >= run->end; ++run)
    place_of(run->log, completer, incoming) = run->end;
  if (run == runs_.end()) return std::vector<Run>();
  place_of(run->log, completer, incoming) = place_of(run->log, wanted_completer, wanted_incoming);
  if (completer != wanted_completer || incoming != wanted_incoming)
    return fail(Code::replay_misplaced,
                "partition {} stands at completer {}, incoming {}; the recorded order passes completer {}, incoming {}",
                partition_, position.completer, position.incoming, completer, incoming);
  return std::vector<Run>(run, runs_.end());
}

}  // namespace backstitch::recovery
