// One line of the system's ledger: a call with what was decided about it, a settling request, or how a later result fared.
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

enum class Verb { none, accept, redo, cancel };
const char* to_text(Verb verb);
Verb verb_from(std::string_view text);  // none when unknown

enum class Kind {
  call,
  settle,
  out,       // the result of an accepted call shows from now on
  callback,  // the result was sent, and the receiver has it or does not want it
};
const char* to_text(Kind kind);

struct Entry {
  Kind kind = Kind::call;
  std::string interface, key, subject, operation, epoch;
  std::string digest;                   // of the body as the platform counts it: XXH3 over the canonical form, 16 hex digits
  Outcome outcome = Outcome::executed;  // of a callback: executed or refused
  Verb verb = Verb::none;               // of a settling request
  std::string callback_url;             // of a call whose result comes later, or came later
  int status = 0;                       // of a callback: the receiver's answer
  bool reply_lost = false;
  Time at;
};

boost::json::object entry_json(const Entry& entry);
/// Code::json_invalid when the line is of no known kind, or says nothing of it.
Result<Entry> read_entry(const boost::json::object& line);

}  // namespace backstitch::standin
