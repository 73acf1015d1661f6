#include "standins/system/entry.h"

#include <array>
#include <boost/json.hpp>

#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

constexpr std::array outcomes{Outcome::executed, Outcome::remembered, Outcome::refused, Outcome::unavailable,
                              Outcome::key_reused};
constexpr std::array kinds{Kind::call, Kind::settle, Kind::out, Kind::callback};
constexpr std::array verbs{Verb::accept, Verb::redo, Verb::cancel};

template <class Known>
bool read_one_of(const Known& known, std::string_view text, typename Known::value_type& value) {
  for (const auto one : known)
    if (text == to_text(one)) return value = one, true;
  return false;
}

boost::json::object callback_json(const Entry& entry) {
  return {{"kind", to_text(entry.kind)},
          {"interface", entry.interface},
          {"key", entry.key},
          {"status", entry.status},
          {"outcome", entry.outcome == Outcome::executed ? "done" : "refused"},
          {"at", rfc3339(entry.at)}};
}

}  // namespace

const char* to_text(Kind kind) {
  switch (kind) {
    case Kind::call: return "call";
    case Kind::settle: return "settle";
    case Kind::out: return "out";
    case Kind::callback: return "callback";
  }
  return "";
}

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
  Verb verb = Verb::none;
  read_one_of(verbs, text, verb);
  return verb;
}

boost::json::object entry_json(const Entry& entry) {
  if (entry.kind == Kind::callback) return callback_json(entry);
  boost::json::object line{{"kind", to_text(entry.kind)}, {"interface", entry.interface}, {"key", entry.key}};
  if (entry.kind == Kind::settle) line["verb"] = to_text(entry.verb);
  if (entry.kind == Kind::call) {
    line["subject"] = entry.subject;
    line["operation"] = entry.operation;
    line["epoch"] = entry.epoch;
    line["digest"] = entry.digest;
    line["outcome"] = to_text(entry.outcome);
    line["replyLost"] = entry.reply_lost;
    if (!entry.callback_url.empty()) line["callbackUrl"] = entry.callback_url;
  }
  line["at"] = rfc3339(entry.at);
  return line;
}

Result<Entry> read_entry(const boost::json::object& line) {
  Entry entry{.kind = Kind::call,
              .interface = text_of(line, "interface"),
              .key = text_of(line, "key"),
              .subject = text_of(line, "subject"),
              .operation = text_of(line, "operation"),
              .epoch = text_of(line, "epoch"),
              .digest = text_of(line, "digest"),
              .verb = verb_from(text_of(line, "verb")),
              .callback_url = text_of(line, "callbackUrl"),
              .status = static_cast<int>(number_of(line, "status").value_or(0)),
              .reply_lost = flag_of(line, "replyLost")};
  const auto at = parse_rfc3339(text_of(line, "at"));
  if (!at) return fail(at.error());
  entry.at = *at;
  const std::string outcome = text_of(line, "outcome");
  bool known = read_one_of(kinds, text_of(line, "kind"), entry.kind);
  if (entry.kind == Kind::settle) known = known && entry.verb != Verb::none;
  if (entry.kind == Kind::call) known = known && read_one_of(outcomes, outcome, entry.outcome);
  if (entry.kind == Kind::callback && outcome == "refused") entry.outcome = Outcome::refused;
  if (!known) return fail(Code::json_invalid, "neither an outcome nor a verb is known in this line");
  return entry;
}

}  // namespace backstitch::standin
