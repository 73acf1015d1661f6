#include "recovery/prepared/places.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "recovery/prepared/positions.h"
#include "recovery/prepared/prepared.h"
#include "recovery/prepared/prepared_files.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr queue::Offset read_on_max = 64;  // records that are passed over before reading begins anew
constexpr std::size_t share = 32;          // beyond that part of the records, all of them cost less

using ByAccount = std::map<std::string, std::vector<queue::Offset>>;

Result<ByAccount> offsets_of(World& world, const char* topic, Partition partition, queue::Offset end) {
  ByAccount out;
  const Status read = world.safe.read_archive(topic, partition, 1, [&](const queue::Record& record) {
    if (record.offset < end) out[record.key].push_back(record.offset);
    return record.offset < end;
  });
  if (!read) return fail(read.error());
  return out;
}

/// Behind the account: partition, its offsets in incoming, in completer.
void append_lines(std::string& text, Partition partition, ByAccount& incoming, ByAccount& completer) {
  for (const auto& [account, offsets] : completer) incoming[account];
  for (const auto& [account, offsets] : incoming) {
    append_json_string(text, account);
    text += '\t' + write_json(json::array{partition, json::value_from(offsets), json::value_from(completer[account])}) + '\n';
  }
}

Status add_line(std::string_view line, Places& places) {
  const auto row = parse_json(line);
  if (!row || !row->is_array()) return fail(Code::json_invalid, "no places of an account: {}", line);
  const auto partition = row->at(0).to_number<Partition>();
  for (const auto& [at, out] : {std::pair(1, &places.incoming), {2, &places.completer}})
    for (const json::value& offset : row->at(static_cast<std::size_t>(at)).as_array())
      (*out)[partition].push_back(offset.to_number<queue::Offset>());
  return {};
}

}  // namespace

Status prepare_places(World& world, const std::vector<database::Position>& positions) {
  std::string text = write_json(positions_array(positions)) + "\n";
  for (const database::Position& at : positions) {
    auto incoming = offsets_of(world, "incoming", at.partition, at.incoming);
    auto completer = offsets_of(world, "completer", at.partition, at.completer);
    if (!incoming) return fail(std::move(incoming.error()));
    if (!completer) return fail(std::move(completer.error()));
    append_lines(text, at.partition, *incoming, *completer);
  }
  return world.safe.put(evidence_name(world.plan, prepared_places_file), text);
}

Result<std::optional<Places>> load_places(World& world, const std::vector<database::Position>& positions,
                                          const std::set<std::string>& accounts) {
  const auto text = world.safe.get(evidence_name(world.plan, prepared_places_file));
  if (!text && text.error().code == Code::object_not_found) return std::nullopt;
  if (!text) return fail(text.error());
  std::string_view rest = *text;
  const auto line = [&rest] {
    const std::string_view found = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(found.size() + 1, rest.size()));
    return found;
  };
  if (line() != write_json(positions_array(positions))) return std::nullopt;
  std::set<std::string, std::less<>> written;
  for (const std::string& account : accounts) {
    std::string name;
    append_json_string(name, account);
    written.insert(std::move(name));
  }
  Places places;
  while (!rest.empty()) {
    const std::string_view one = line();
    const auto tab = std::min(one.find('\t'), one.size());
    if (written.contains(one.substr(0, tab))) BS_TRY(add_line(one.substr(std::min(tab + 1, one.size())), places));
  }
  for (auto* topic : {&places.incoming, &places.completer})
    for (auto& [partition, offsets] : *topic) std::sort(offsets.begin(), offsets.end());
  return places;
}

Result<queue::Offset> read_open(World& world, const std::string& topic, Partition partition, const EachRecord& each) {
  if (!world.standing || !world.standing->places) return 1;
  const std::vector<database::Position>& positions = world.standing->prepared.positions;
  const auto at = std::find_if(positions.begin(), positions.end(), [&](const auto& one) { return one.partition == partition; });
  if (at == positions.end()) return 1;
  const bool is_incoming = topic == "incoming";
  const queue::Offset end = is_incoming ? at->incoming : at->completer;
  const auto& all = is_incoming ? world.standing->places->incoming : world.standing->places->completer;
  const auto found = all.find(partition);
  if (found == all.end()) return end;
  const std::vector<queue::Offset>& offsets = found->second;
  if (offsets.size() * share > end) return 1;
  for (auto next = offsets.begin(); next != offsets.end();)
    BS_TRY(world.safe.read_archive(topic, partition, *next, [&](const queue::Record& record) {
      if (record.offset == *next) each(record), ++next;
      return next != offsets.end() && *next - record.offset < read_on_max;
    }));
  return end;
}

}  // namespace backstitch::recovery
