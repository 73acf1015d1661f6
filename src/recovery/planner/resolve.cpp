#include "recovery/planner/resolve.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string text(const json::value& value, const char* name) {
  const json::value* found = value.is_object() ? value.get_object().if_contains(name) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

bool matches_name(const std::string& wanted, const std::string& name) {
  if (wanted.ends_with('*')) return name.starts_with(wanted.substr(0, wanted.size() - 1));
  return name == wanted;
}

bool holds(const InputPredicate& predicate, const queue::Record& record) {
  if (!predicate.kind.empty() && record.schema != "incoming." + predicate.kind + "/1") return false;
  if (!predicate.account.empty() && record.key != predicate.account) return false;
  if (predicate.since.is_set() && record.appended < predicate.since) return false;
  if (predicate.until.is_set() && record.appended >= predicate.until) return false;
  if (predicate.source.empty() && predicate.order.empty() && predicate.actor.empty() && predicate.catalog.empty()) return true;
  const auto value = parse_json(record.value), headers = parse_json(record.headers.empty() ? "{}" : record.headers);
  if (!value) return false;
  if (!predicate.source.empty() && text(*value, "source") != predicate.source) return false;
  if (!predicate.order.empty() && !matches_name(predicate.order, text(*value, "sourceOrderId"))) return false;
  if (!predicate.catalog.empty() && text(*value, "digest") != predicate.catalog) return false;
  if (predicate.actor.empty()) return true;
  return text(*value, "actor") == predicate.actor || (headers && text(*headers, "bs-actor") == predicate.actor);
}

}  // namespace

bool InputPredicate::is_empty() const {
  return kind.empty() && source.empty() && order.empty() && account.empty() && actor.empty() && catalog.empty() &&
         !since.is_set() && !until.is_set();
}

Result<std::vector<Exclusion>> resolve_exclusions(const InputPredicate& predicate, const std::string& why, safe::Safe& safe,
                                                  int partitions) {
  if (predicate.is_empty()) return fail(Code::usage, "say which inputs: a kind, a source, an order, an account, a time");
  std::vector<Exclusion> out;
  for (Partition partition = 0; partition < partitions; ++partition)
    BS_TRY(safe.read_archive("incoming", partition, 1, [&](const queue::Record& record) {
      if (holds(predicate, record)) out.push_back({partition, record.offset, sha256_hex(record.value), why});
      return true;
    }));
  return out;
}

}  // namespace backstitch::recovery
