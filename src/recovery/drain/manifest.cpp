// evidence/<label>/<topic>.json: what a drained file holds, so that a person and the next step can tell whether it is whole.
#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "recovery/drain/drain.h"

namespace backstitch::recovery {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

object partition_object(const DrainedPartition& part) {
  array lost;
  for (const auto& [from, to] : part.lost) lost.push_back(object{{"from", std::to_string(from)}, {"to", std::to_string(to)}});
  return {{"partition", part.partition},
          {"from", std::to_string(part.from)},
          {"end", std::to_string(part.end)},
          {"records", part.records},
          {"lost", std::move(lost)}};
}

std::string text(const object& from, const char* name) {
  const value* found = from.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::uint64_t number(const object& from, const char* name) {
  const value* found = from.if_contains(name);
  if (found && found->is_string()) return std::strtoull(found->get_string().c_str(), nullptr, 10);
  return found && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

/// The objects of a list; others are passed over.
std::vector<object> objects(const object& from, const char* name) {
  std::vector<object> out;
  if (const value* found = from.if_contains(name); found && found->is_array())
    for (const value& entry : found->get_array())
      if (entry.is_object()) out.push_back(entry.get_object());
  return out;
}

DrainedPartition partition_from(const object& from) {
  DrainedPartition part{
      static_cast<Partition>(number(from, "partition")), number(from, "from"), number(from, "end"), number(from, "records"), {}};
  for (const object& range : objects(from, "lost")) part.lost.emplace_back(number(range, "from"), number(range, "to"));
  return part;
}

}  // namespace

std::string drained_json(const Drained& drained) {
  array partitions;
  for (const DrainedPartition& part : drained.partitions) partitions.push_back(partition_object(part));
  object schemas;
  for (const auto& [schema, count] : drained.schemas) schemas[schema] = count;
  return write_json(object{{"label", drained.label},
                           {"queue", drained.topic},
                           {"file", drained.file},
                           {"sha256", drained.sha256},
                           {"bytes", std::to_string(drained.bytes)},
                           {"records", drained.records},
                           {"moved", drained.moved},
                           {"schemas", std::move(schemas)},
                           {"partitions", std::move(partitions)}});
}

Result<Drained> load_drained(safe::Safe& safe, const std::string& label, const std::string& topic) {
  Drained out;
  out.label = label, out.topic = topic;
  out.file = "evidence/" + label + "/" + topic + ".jsonl", out.manifest = "evidence/" + label + "/" + topic + ".json";
  const auto stored = safe.get(out.manifest);
  if (!stored) return fail(stored.error());
  const auto document = parse_json(*stored);
  if (!document || !document->is_object()) return fail(Code::json_invalid, "{} is no manifest", out.manifest);
  const object& from = document->get_object();
  out.sha256 = text(from, "sha256"), out.records = number(from, "records"), out.bytes = number(from, "bytes");
  const value* moved = from.if_contains("moved");
  out.moved = moved && moved->is_bool() && moved->get_bool();
  for (const object& part : objects(from, "partitions")) out.partitions.push_back(partition_from(part));
  if (const value* schemas = from.if_contains("schemas"); schemas && schemas->is_object())
    for (const auto& [schema, count] : schemas->get_object()) out.schemas[schema] = count.to_number<std::uint64_t>();
  return out;
}

namespace {

/// JSON as it stood in the record; what was no JSON came in as text.
std::string member_text(const object& line, const char* name) {
  const value* found = line.if_contains(name);
  if (!found || found->is_null()) return "";
  return found->is_string() ? std::string(found->get_string()) : write_json(*found);
}

}  // namespace

Status read_drained(safe::Safe& safe, const Drained& drained, const std::function<void(Partition, const queue::Record&)>& each) {
  const auto stored = safe.get(drained.file);
  if (!stored) return fail(stored.error());
  // What an unfinished drain appended behind the manifest's word is no part of it.
  const std::string_view content = std::string_view(*stored).substr(0, drained.bytes);
  if (content.size() != drained.bytes || sha256_hex(content) != drained.sha256)
    return fail(Code::checksum_mismatch, "{} is not what {} says", drained.file, drained.manifest);
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const auto line = parse_json(content.substr(begin, end - begin));
    if (!line || !line->is_object()) return fail(Code::json_invalid, "{} at byte {}", drained.file, begin);
    const object& from = line->get_object();
    queue::Record record;
    record.offset = number(from, "offset"), record.key = text(from, "key"), record.schema = text(from, "schema");
    if (const auto at = parse_rfc3339(text(from, "appendedAt"))) record.appended = *at;
    record.headers = member_text(from, "headers"), record.value = member_text(from, "value");
    each(static_cast<Partition>(number(from, "partition")), record);
    begin = end + 1;
  }
  return {};
}

}  // namespace backstitch::recovery
