#include "demo/ledgers.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"

namespace backstitch::demo {
namespace {

std::string text_of(const boost::json::object& line, const char* name) {
  const auto* value = line.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

void take_line(const boost::json::object& line, OutsideLedgers& ledgers) {
  const std::string kind = text_of(line, "kind"), digest = text_of(line, "sha256");
  if (kind == "update" && text_of(line, "type") == "Order" && text_of(line, "arrival") == "applied")
    ledgers.told[text_of(line, "externalId")] = text_of(line, "status");
  if (digest.empty()) return;
  const auto* version = line.if_contains("version");
  const std::string name = order_name(text_of(line, "source"), text_of(line, "sourceOrderId"),
                                      version && version->is_int64() ? version->get_int64() : 1);
  if (kind == "rejected") ledgers.rejected.push_back(name);
  // The client's file has no kinds: all of it is acknowledged.
  if (!kind.empty() && kind != "acknowledged") return;
  const auto [known, fresh] = ledgers.acknowledged.emplace(name, digest);
  if (!fresh && known->second != digest) ledgers.faults.push_back(name + " was acknowledged with two bodies");
}

}  // namespace

std::string order_name(const std::string& source, const std::string& source_order_id, std::int64_t version) {
  return fmt::format("{} {} version {}", source, source_order_id, version);
}

Status read_outside_ledger(const std::string& path, OutsideLedgers& ledgers) {
  const auto content = read_file(path);
  if (!content) return fail(content.error());
  for (std::size_t begin = 0, end = 0; (end = content->find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line = parse_json(std::string_view(*content).substr(begin, end - begin));
    if (!line || !line->is_object()) return fail(Code::json_invalid, "{}: the line at byte {} is no JSON object", path, begin);
    take_line(line->get_object(), ledgers);
  }
  return {};
}

}  // namespace backstitch::demo
