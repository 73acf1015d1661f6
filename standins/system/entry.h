// One line of the system's ledger: a call with what was decided about it, or a settling request.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace backstitch::standin {

enum class Outcome {
  executed,     // done, now
  remembered,   // decided before under this key; nothing was done now
  refused,      // decided: no. Nothing was done
  unavailable,  // 503 before anything was done
  key_reused,   // the key was used with another body
};
const char* to_text(Outcome outcome);

enum class Verb { none, accept, redo, cancel };  // none: the entry is a call
const char* to_text(Verb verb);
Verb verb_from(std::string_view text);  // none when unknown

struct Entry {
  std::string interface, key, subject, operation, epoch;
  std::string digest;  // of the body as the platform counts it: XXH3 over the canonical form, 16 hex digits
  Outcome outcome = Outcome::executed;
  Verb verb = Verb::none;
  bool reply_lost = false;
  Time at;
};

boost::json::object entry_json(const Entry& entry);
/// Code::json_invalid when the line is of no known kind.
Result<Entry> read_entry(const boost::json::object& line);

}  // namespace backstitch::standin
