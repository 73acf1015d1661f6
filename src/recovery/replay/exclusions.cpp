#include "recovery/replay/exclusions.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_member.h"
#include "engine/order/order.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr const char* folder = "exclusions/";

json::array list_json(const std::vector<Exclusion>& list) {
  json::array out;
  for (const Exclusion& one : list)
    out.push_back(json::object{{"partition", one.partition},
                               {"offset", static_cast<std::int64_t>(one.offset)},
                               {"digest", one.digest},
                               {"why", one.why}});
  return out;
}

Result<std::vector<Exclusion>> list_from(const json::value& value) {
  if (!value.is_array()) return fail(Code::json_invalid, "a list of exclusions is an array");
  std::vector<Exclusion> list;
  for (const json::value& entry : value.get_array()) {
    const json::object* object = entry.if_object();
    const json::value *partition = object ? object->if_contains("partition") : nullptr,
                      *offset = object ? object->if_contains("offset") : nullptr;
    if (!partition || !partition->is_int64() || !offset || !offset->is_int64() || offset->get_int64() < 1)
      return fail(Code::json_invalid, "an exclusion names partition and offset: {}", write_json(entry));
    list.push_back({static_cast<Partition>(partition->get_int64()), static_cast<std::uint64_t>(offset->get_int64()),
                    text_in(*object, "digest"), text_in(*object, "why")});
  }
  return list;
}

std::optional<std::uint64_t> number(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  const std::string_view digits = value.get_string();
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(out) : std::nullopt;
}

Result<Distrusted> distrusted_from(const json::object& object) {
  Distrusted out;
  const json::value* partitions = object.if_contains("fatallyFail");
  if (!partitions) return out;
  if (!partitions->is_object()) return fail(Code::json_invalid, "fatallyFail is an object");
  for (const auto& [name, ranges] : partitions->get_object()) {
    const auto partition = number(json::value(name));
    if (!partition || !ranges.is_array()) return fail(Code::json_invalid, "fatallyFail: partition {}", std::string_view(name));
    for (const json::value& range : ranges.get_array()) {
      const json::array* pair = range.if_array();
      const auto from = pair && pair->size() == 2 ? number((*pair)[0]) : std::nullopt,
                 to = pair && pair->size() == 2 ? number((*pair)[1]) : std::nullopt;
      if (!from || !to) return fail(Code::json_invalid, "fatallyFail: {}", write_json(range));
      out[static_cast<Partition>(*partition)].push_back({*from, *to});
    }
  }
  return out;
}

/// Calls `each` with every recovery's object.
Status read_all(safe::Safe& safe, const std::function<Status(const json::object&)>& each) {
  const auto names = safe.list(folder);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const auto content = safe.get(name);
    if (!content) return fail(content.error());
    const auto document = parse_json(*content);
    if (!document || !document->is_object()) return fail(Code::json_invalid, "{} holds no exclusions", name);
    BS_TRY(each(document->get_object()));
  }
  return {};
}

Result<std::optional<queue::Record>> archived(safe::Safe& safe, const Exclusion& one) {
  std::optional<queue::Record> found;
  const Status read = safe.read_archive("incoming", one.partition, one.offset, [&](const queue::Record& record) {
    if (record.offset == one.offset) found = record;
    return false;
  });
  if (!read && read.error().code != Code::offset_behind_end) return fail(read.error());
  return found;
}

}  // namespace

Result<Exclusions> load_exclusions(safe::Safe& safe) {
  Exclusions all;
  BS_TRY(read_all(safe, [&](const json::object& object) -> Status {
    const json::value* list = object.if_contains("list");
    auto entries = list_from(list ? *list : json::value());
    if (!entries) return fail(std::move(entries.error()));
    for (Exclusion& one : *entries) all.insert_or_assign({one.partition, one.offset}, std::move(one));
    return {};
  }));
  return all;
}

Result<Distrusted> load_distrusted(safe::Safe& safe) {
  Distrusted all;
  BS_TRY(read_all(safe, [&](const json::object& object) -> Status {
    auto ranges = distrusted_from(object);
    if (!ranges) return fail(std::move(ranges.error()));
    for (auto& [partition, list] : *ranges) all[partition].insert(all[partition].end(), list.begin(), list.end());
    return {};
  }));
  return all;
}

Distrusted distrusted_between(const std::vector<database::Position>& before, const std::vector<database::Position>& after) {
  Distrusted out;
  for (const database::Position& from : before)
    for (const database::Position& to : after)
      if (from.partition == to.partition && from.completer < to.completer)
        out[from.partition].push_back({from.completer, to.completer});
  return out;
}

Status keep_exclusions(safe::Safe& safe, const std::string& recovery_id, const std::vector<Exclusion>& list,
                       const Distrusted& distrusted) {
  json::object ranges;
  for (const auto& [partition, of_partition] : distrusted) {
    json::array pairs;
    for (const OffsetRange& range : of_partition)
      pairs.push_back(json::array{std::to_string(range.from), std::to_string(range.to)});
    ranges[std::to_string(partition)] = std::move(pairs);
  }
  const std::string content = write_json(json::object{{"list", list_json(list)}, {"fatallyFail", std::move(ranges)}});
  return safe.put(fmt::format("{}{}.json", folder, recovery_id), content);
}

Status check_exclusions(safe::Safe& safe, const std::vector<Exclusion>& list) {
  std::string wrong;
  auto add = [&](const Exclusion& one, const char* why) {
    wrong += fmt::format("{}partition {} offset {}: {}", wrong.empty() ? "" : "; ", one.partition, one.offset, why);
  };
  for (const Exclusion& one : list) {
    const auto record = archived(safe, one);
    if (!record) return fail(record.error());
    if (!*record)
      add(one, "no record is archived there");
    else if (sha256_hex((*record)->value) != one.digest)
      add(one, "another content stands there");
  }
  return wrong.empty() ? Status() : fail(Code::exclusion_invalid, "{}", wrong);
}

Result<std::vector<CrmUpdate>> excluded_updates(safe::Safe& safe, database::Database& database,
                                                const std::vector<Exclusion>& list) {
  std::vector<CrmUpdate> updates;
  for (const Exclusion& one : list) {
    const auto record = archived(safe, one);
    if (!record) return fail(record.error());
    if (!*record)
      return fail(Code::exclusion_invalid, "partition {} offset {}: no record is archived there", one.partition, one.offset);
    const InputRecord input{Log::incoming,  one.partition,     one.offset,         (*record)->appended,
                            (*record)->key, (*record)->schema, (*record)->headers, (*record)->value};
    const ExcludedInput excluded = excluded_input(input, one.why);
    if (!excluded.submit) continue;
    const Order& order = excluded.submit->order;
    const auto known = database.find_order(order.source, order.source_order_id, order.version);
    if (!known) return fail(known.error());
    if (!*known) updates.push_back(rejected_update(order, one.partition, input.at));
  }
  return updates;
}

std::string exclusions_json(const std::vector<Exclusion>& list) { return write_json(list_json(list)); }

Result<std::vector<Exclusion>> exclusions_from_json(std::string_view content) {
  const auto document = parse_json(content);
  if (!document) return fail(document.error());
  return list_from(*document);
}

}  // namespace backstitch::recovery
