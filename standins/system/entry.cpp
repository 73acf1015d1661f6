#include "standins/system/entry.h"

#include <array>
#include <boost/json.hpp>

#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

constexpr std::array outcomes{Outcome::executed, Outcome::remembered, Outcome::refused, Outcome::unavailable,
                              Outcome::key_reused};
constexpr std::array verbs{Verb::accept, Verb::redo, Verb::cancel};

}  // namespace

const char* to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::executed: return "executed";
    case Outcome::remembered: return "remembered";
    case Outcome::refused: return "refused";
    case Outcome::unavailable: return "unavailable";
    case Outcome::key_reused: return "key-reused";
  }
  return "";
}

const char* to_text(Verb verb) {
  switch (verb) {
    case Verb::none: return "";
    case Verb::accept: return "accept";
    case Verb::redo: return "redo";
    case Verb::cancel: return "cancel";
  }
  return "";
}

Verb verb_from(std::string_view text) {
  for (const Verb verb : verbs)
    if (text == to_text(verb)) return verb;
  return Verb::none;
}

boost::json::object entry_json(const Entry& entry) {
  if (entry.verb != Verb::none)
    return {{"kind", "settle"},
            {"interface", entry.interface},
            {"key", entry.key},
            {"verb", to_text(entry.verb)},
            {"at", rfc3339(entry.at)}};
  return {{"kind", "call"},           {"interface", entry.interface},      {"key", entry.key},
          {"subject", entry.subject}, {"operation", entry.operation},      {"epoch", entry.epoch},
          {"digest", entry.digest},   {"outcome", to_text(entry.outcome)}, {"replyLost", entry.reply_lost},
          {"at", rfc3339(entry.at)}};
}

Result<Entry> read_entry(const boost::json::object& line) {
  Entry entry{.interface = text_of(line, "interface"),
              .key = text_of(line, "key"),
              .subject = text_of(line, "subject"),
              .operation = text_of(line, "operation"),
              .epoch = text_of(line, "epoch"),
              .digest = text_of(line, "digest"),
              .verb = verb_from(text_of(line, "verb")),
              .reply_lost = flag_of(line, "replyLost")};
  const auto at = parse_rfc3339(text_of(line, "at"));
  if (!at) return fail(at.error());
  entry.at = *at;
  if (entry.verb != Verb::none) return entry;
  const std::string outcome = text_of(line, "outcome");
  for (const Outcome known : outcomes)
    if (outcome == to_text(known)) {
      entry.outcome = known;
      return entry;
    }
  return fail(Code::json_invalid, "neither an outcome nor a verb is known in this line");
}

}  // namespace backstitch::standin
