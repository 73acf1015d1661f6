#include "standins/system/faults.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"

namespace backstitch::standin {
namespace {

constexpr std::int64_t latency_limit_ms = 60'000, callback_limit_ms = 3'600'000;

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Status set_share(double& share, std::string_view name, std::string_view value) {
  double number = 0;
  if (!read_number(value, number) || !(number >= 0 && number <= 1))
    return fail(Code::usage, "{}={}: a share is a number from 0 to 1", name, value);
  share = number;
  return {};
}

struct Range {
  std::int64_t &min_ms, &max_ms;
  std::int64_t limit_ms;
};

Status set_range(Range range, std::string_view name, std::string_view value) {
  const auto dash = value.find('-');
  const std::string_view low = value.substr(0, dash), high = dash == std::string_view::npos ? low : value.substr(dash + 1);
  std::int64_t low_ms = 0, high_ms = 0;
  const bool read = read_number(low, low_ms) && read_number(high, high_ms);
  if (!read || low_ms < 0 || low_ms > high_ms || high_ms > range.limit_ms)
    return fail(Code::usage, "{}={}: give MIN-MAX in milliseconds, at most {}", name, value, range.limit_ms);
  range.min_ms = low_ms;
  range.max_ms = high_ms;
  return {};
}

Status set_fault(Faults& faults, std::string_view name, std::string_view value) {
  if (name == "refuse") return set_share(faults.refuse, name, value);
  if (name == "error") return set_share(faults.error, name, value);
  if (name == "lost") return set_share(faults.lost, name, value);
  if (name == "latency") return set_range({faults.latency_min_ms, faults.latency_max_ms, latency_limit_ms}, name, value);
  if (name == "refuse-of") return faults.refuse_of = value, Status();
  if (name == "callback") return set_range({faults.callback_min_ms, faults.callback_max_ms, callback_limit_ms}, name, value);
  if (name == "refuse-later") return set_share(faults.refuse_later, name, value);
  if (name == "interim") return set_share(faults.interim, name, value);
  if (name == "repeat") return set_share(faults.repeat, name, value);
  return fail(Code::usage,
              "no fault is called {}: refuse, refuse-of, error, lost, latency, callback, refuse-later, interim, repeat", name);
}

}  // namespace

Result<Faults> parse_faults(std::string_view text, Faults base) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return fail(Code::usage, "{}: faults are written name=value,name=value", part);
    BS_TRY(set_fault(base, part.substr(0, equals), part.substr(equals + 1)));
  }
  return base;
}

Result<Faults> read_faults(const boost::json::object& document, Faults base) {
  for (const auto& [name, value] : document) {
    const std::string text = value.is_string() ? std::string(value.get_string()) : write_json(value);
    BS_TRY(set_fault(base, std::string(name), text));
  }
  return base;
}

boost::json::object faults_json(const Faults& faults) {
  return {{"refuse", faults.refuse},
          {"error", faults.error},
          {"lost", faults.lost},
          {"latency", fmt::format("{}-{}", faults.latency_min_ms, faults.latency_max_ms)},
          {"refuse-of", faults.refuse_of},
          {"callback", fmt::format("{}-{}", faults.callback_min_ms, faults.callback_max_ms)},
          {"refuse-later", faults.refuse_later},
          {"interim", faults.interim},
          {"repeat", faults.repeat}};
}

}  // namespace backstitch::standin
