#include "fold/refusals.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_member.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr const char* folder = "unwritable/";
const char* name_of(Log log) { return log == Log::completer ? "completer" : "incoming"; }

Result<Refusals::value_type> refusal_from(const std::string& name, const std::string& content) {
  const auto document = parse_json(content);
  const json::object* object = document && document->is_object() ? &document->get_object() : nullptr;
  const json::value *partition = object ? object->if_contains("partition") : nullptr,
                    *offset = object ? object->if_contains("offset") : nullptr;
  if (!partition || !offset || !partition->is_int64() || !offset->is_int64())
    return fail(Code::json_invalid, "{} is not the refusal of a record", name);
  const Log log = text_in(*object, "log") == name_of(Log::completer) ? Log::completer : Log::incoming;
  return Refusals::value_type{
      {log, static_cast<Partition>(partition->get_int64()), static_cast<std::uint64_t>(offset->get_int64())},
      {text_in(*object, "digest"), {Code::database_failed, text_in(*object, "detail"), {}}}};
}

}  // namespace

Result<Refusals> load_refusals(safe::Safe& safe) {
  const auto names = safe.list(folder);
  if (!names) return fail(names.error());
  Refusals refusals;
  for (const std::string& name : *names) {
    const auto content = safe.get(name);
    if (!content) return fail(content.error());
    auto refusal = refusal_from(name, *content);
    if (!refusal) return fail(std::move(refusal.error()));
    refusals.insert(std::move(*refusal));
  }
  return refusals;
}

Status keep_refusal(safe::Safe& safe, const InputRecord& record, const Error& cause) {
  const std::string name = fmt::format("{}{}-{}-{}.json", folder, name_of(record.log), record.partition, record.offset);
  const auto before = safe.get(name);
  if (before) return fail(Code::database_failed, "{} is there, and the database does not take the refusal either", name);
  if (before.error().code != Code::object_not_found) return fail(before.error());
  const std::string detail = "PostgreSQL cannot hold what it says: " + cause.detail.substr(0, cause.detail.find('\n'));
  const json::object object = {{"log", name_of(record.log)}, {"partition", record.partition},
                               {"offset", record.offset},    {"digest", sha256_hex(record.value)},
                               {"schema", record.schema},    {"code", code_text(Code::database_failed)},
                               {"detail", detail},           {"cause", cause.detail}};
  return safe.put(name, write_json(object));
}

Result<const Refusal*> refusal_of(const Refusals& refusals, const InputRecord& record) {
  const auto found = refusals.find({record.log, record.partition, record.offset});
  if (found == refusals.end()) return nullptr;
  if (found->second.digest != sha256_hex(record.value))
    return fail(Code::checksum_mismatch, "{} {} {} was refused with another content", name_of(record.log), record.partition,
                record.offset);
  return &found->second;
}

}  // namespace backstitch
