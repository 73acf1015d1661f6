// What goes wrong at an interface, and how often.
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch::standin {

struct Faults {
  double refuse = 0;  // share of keys that are refused (422): decided, so the same key is refused for ever
  double error = 0;   // share of calls answered 503 before anything was done
  double lost = 0;    // share of calls whose reply is lost after everything was done
  std::int64_t latency_min_ms = 0, latency_max_ms = 0;
  std::string refuse_of;  // calls whose subject holds this are refused; empty: none

  // Of an interface that calls back.
  std::int64_t callback_min_ms = 20, callback_max_ms = 80;  // from a call's acceptance until its result is out
  double refuse_later = 0;                                  // share of keys that are accepted, and refused by the result
  double interim = 0;                                       // share of keys of which word comes halfway
  double repeat = 0;                                        // share of keys whose result is sent again after it was acknowledged
  bool operator==(const Faults&) const = default;
};

/// "lost=0.02,error=0.03,refuse=0.01,latency=1-10": what is named replaces what stands in `base`. Code::usage.
Result<Faults> parse_faults(std::string_view text, Faults base);
/// {"lost":0.02,"latency":"1-10"}, in the same way.
Result<Faults> read_faults(const boost::json::object& document, Faults base);
boost::json::object faults_json(const Faults& faults);

}  // namespace backstitch::standin
