#include "recovery/replay/other_engines.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "engine/engine_name.h"
#include "recovery/replay/turn_range.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr const char* everybody = "*";  // key of a record that concerns the whole partition

struct Range {
  std::uint64_t from = 0, end = 0;
  bool other = false;
};

/// What turns consumed of one log. After an earlier recovery the same records are consumed again: the last turn counts.
class Consumed {
 public:
  void add(Range range) {
    if (range.end <= range.from) return;
    while (!ranges_.empty() && ranges_.back().from >= range.from) ranges_.pop_back();
    if (!ranges_.empty()) ranges_.back().end = std::min(ranges_.back().end, range.from);
    if (!ranges_.empty() && ranges_.back().other == range.other && ranges_.back().end == range.from)
      ranges_.back().end = range.end;
    else
      ranges_.push_back(range);
  }
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
};

class Reader {
 public:
  Reader(safe::Safe& safe, std::string own, OtherEngines& out) : safe_(safe), own_(std::move(own)), out_(out) {}

  Status read(const database::Position& from) {
    std::map<std::string, Consumed> consumed;
    BS_TRY(safe_.read_turns(from.partition, [&](std::uint64_t, const std::string& line) {
      const auto turn = parse_json(line);
      if (turn && turn->is_object()) take(turn->get_object(), from, consumed);
      return true;
    }));
    for (const auto& [topic, log] : consumed)
      for (const Range& range : log.ranges())
        if (range.other) BS_TRY(name_accounts(topic, from.partition, range));
    return {};
  }

 private:
  void take(const json::object& turn, const database::Position& from, std::map<std::string, Consumed>& consumed) {
    const json::value* name = turn.if_contains("engineVersion");
    const std::string engine = name && name->is_string() ? std::string(name->get_string()) : std::string();
    const bool other = !engine.empty() && engine != own_;
    bool behind = false;
    for (const auto& [topic, first] : {std::pair("incoming", from.incoming), {"completer", from.completer}}) {
      const auto consumed_by = range_of_turn(turn, topic);
      if (!consumed_by) continue;
      const Range range{std::max(consumed_by->from, first), consumed_by->end, other};
      behind |= range.end > range.from;
      consumed[topic].add(range);
    }
    if (other && behind) ++out_.turns[engine];
  }

  Status name_accounts(const std::string& topic, Partition partition, const Range& range) {
    return safe_.read_archive(topic, partition, range.from, [&](const queue::Record& record) {
      if (record.offset >= range.end) return false;
      if (record.key == everybody)
        out_.partitions.insert(partition);
      else
        out_.accounts.insert(record.key);
      return true;
    });
  }

  safe::Safe& safe_;
  const std::string own_;
  OtherEngines& out_;
};

}  // namespace

Result<OtherEngines> other_engines(safe::Safe& safe, const EngineSettings& engine, const std::vector<database::Position>& from) {
  OtherEngines out;
  Reader reader(safe, engine_name(engine), out);
  for (const database::Position& position : from) BS_TRY(reader.read(position));
  return out;
}

}  // namespace backstitch::recovery
