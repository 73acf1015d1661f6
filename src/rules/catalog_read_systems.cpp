#include <boost/json.hpp>

#include "base/time.h"
#include "rules/catalog_read.h"

namespace backstitch {
namespace json = boost::json;
namespace {

/// 0 when it is not given.
std::int64_t read_duration_ms(ObjectReader& reader, const char* name) {
  const std::string text = reader.text(name);
  if (text.empty()) return 0;
  const auto duration_ms = parse_duration_ms(text);
  if (!duration_ms)
    reader.fault(name, Code::catalog_bad_value, fmt::format("\"{}\" is not a duration such as 30s, 24h, 7d", text));
  return duration_ms.value_or(0);
}

SystemEffects read_effects(ObjectReader& reader) {
  SystemEffects effects;
  effects.idempotent = reader.truth("idempotent", false);
  effects.lookup = reader.truth("lookup", false);
  effects.cancel = reader.truth("cancel", false);
  effects.settling_time_ms = reader.whole("settlingTimeMs", 0, 0, number_max);
  effects.key_lifetime_ms = read_duration_ms(reader, "keyLifetime");
  return effects;
}

SystemInterface read_interface(ObjectReader& reader) {
  SystemInterface interface;
  interface.key = reader.text("key", true);
  if (interface.key.find('.') != std::string::npos) reader.fault("key", Code::catalog_bad_value, "of an interface has no dot");
  if (std::string method = reader.text("method"); method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE")
    interface.method = std::move(method);
  else if (!method.empty())
    reader.fault("method", Code::catalog_bad_value, fmt::format("\"{}\" is none of POST, PUT, PATCH, DELETE", method));
  interface.path = reader.text("path", true);
  if (!interface.path.empty() && interface.path[0] != '/') reader.fault("path", Code::catalog_bad_value, "starts with a slash");
  const std::string mode = reader.text("mode");
  if (!mode.empty() && mode != "sync" && mode != "async")
    reader.fault("mode", Code::catalog_bad_value, fmt::format("\"{}\" is neither sync nor async", mode));
  interface.asynchronous = mode == "async";
  if (const std::int64_t timeout_ms = read_duration_ms(reader, "callbackTimeout")) interface.callback_timeout_ms = timeout_ms;
  return interface;
}

System read_system(ObjectReader& reader) {
  System system;
  system.key = reader.text("key", true);
  system.url = reader.text("url", true);
  if (const json::value* value = reader.member("effects")) {
    ObjectReader effects(*value, reader.at("effects"), reader.faults());
    system.effects = read_effects(effects);
    effects.finish();
  }
  if (const json::value* value = reader.member("limits")) {
    ObjectReader limits(*value, reader.at("limits"), reader.faults());
    system.concurrent_max = static_cast<int>(limits.whole("concurrent", 32, 1, 100'000));
    system.per_second_max = static_cast<int>(limits.whole("perSecond", 0, 0, 1'000'000));
    limits.finish();
  }
  read_list(reader, "interfaces", [&](ObjectReader& entry) { system.interfaces.push_back(read_interface(entry)); });
  return system;
}

}  // namespace

void read_systems(ObjectReader& root, Catalog& catalog) {
  read_list(root, "systems", [&](ObjectReader& reader) { catalog.systems.push_back(read_system(reader)); });
}

}  // namespace backstitch
