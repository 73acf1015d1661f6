#include "recovery/reconcile/evidence.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"
#include "base/probe.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::uint64_t epoch_of(const json::object& value) {
  const json::value* epoch = value.if_contains("epoch");
  return epoch && epoch->is_int64() ? static_cast<std::uint64_t>(epoch->get_int64()) : 0;
}

bool is_repetition(const queue::Record& record) {
  if (record.headers.find("bs-adopted") == std::string::npos) return false;
  const auto headers = parse_json(record.headers);
  return headers && headers->is_object() && headers->get_object().contains("bs-adopted");
}

/// The item's place for a record about one of its calls; null when it names none.
ItemEvidence* place_of(Evidence& evidence, const json::object& value, const queue::Record& record, Partition partition,
                       int& call) {
  const auto item = ItemId::parse(text_in(value, "itemId"));
  const auto key = CallKey::parse(text_in(value, "effectKey"));
  if (!item || !key) return nullptr;
  ItemEvidence& found = evidence[*item];
  found.item = *item, found.effect = key->effect, found.partition = partition, found.account = record.key;
  call = key->call;
  return &found;
}

void take_record(Evidence& evidence, const CollectSettings& settings, const queue::Record& record, Partition partition) {
  const bool is_mark = record.schema == "completer.mark/1";
  if ((!is_mark && !tells_of_call(record.schema)) || is_repetition(record)) return;
  const auto document = parse_json(record.value);
  if (!document || !document->is_object()) return;
  const json::object& value = document->get_object();
  if (is_mark && is_overtaken(settings.seals, partition, record.offset, epoch_of(value)) && guarded(Guard::seal)) return;
  const auto outcome = is_mark ? std::nullopt : call_outcome_from(text_in(value, "outcome"));
  if (!is_mark && !outcome) return;
  int number = 0;
  ItemEvidence* item = place_of(evidence, value, record, partition, number);
  if (!item) return;
  CallEvidence& call = item->calls[number];
  call.in_window |= record.appended >= settings.since;
  if (is_mark) {
    item->subject = text_in(value, "subject"), item->system = text_in(value, "system");
    call.marks.push_back({text_in(value, "digest"), text_in(value, "worker"), item->system, record.offset, record.appended});
    return;
  }
  const json::value* response = value.if_contains("response");
  call.answers.push_back({*outcome, text_in(value, "code"),
                          response && !response->is_null() ? write_json(*response) : std::string(), record.offset,
                          record.appended});
}

/// One call, in the order of its records. An answer ends one attempt only: whatever was sent before it and stayed without an
/// answer may still have been carried out, and "not taken" does not speak of that. What was done stays done.
void settle_call(CallEvidence& call, std::optional<Time> rewound) {
  int in_air = 0;
  bool doubtful = false;
  std::size_t mark = 0;
  const auto rest_on = [&](Known known, const CallAnswer& answer) {
    call.known = known, call.answer = answer, call.settled_at = answer.at;
  };
  for (const CallAnswer& answer : call.answers) {
    for (; mark < call.marks.size() && call.marks[mark].offset < answer.offset; ++mark) {
      doubtful |= in_air++ > 0;
      if (!call.first_marked_at.is_set()) call.first_marked_at = call.marks[mark].at;
    }
    in_air = 0;
    const bool believed = !rewound || answer.at < *rewound;
    const bool open = answer.outcome == CallOutcome::unknown || answer.outcome == CallOutcome::accepted;
    call.accepted = answer.outcome == CallOutcome::accepted && believed;
    doubtful |= open || !believed;
    call.disbelieved |= answer.outcome == CallOutcome::done && !believed;
    if (call.known == Known::done || !believed || open) continue;
    if (answer.outcome == CallOutcome::not_taken) {
      if (!doubtful) call.first_marked_at = {};
      continue;
    }
    rest_on(answer.outcome == CallOutcome::done ? Known::done : Known::refused, answer);
    doubtful = false;  // under this key the system has decided
  }
  const bool unanswered = mark < call.marks.size();
  call.accepted &= !unanswered;
  if (unanswered && !call.first_marked_at.is_set()) call.first_marked_at = call.marks[mark].at;
  if (!call.marks.empty())
    call.digest = call.marks.back().digest, call.system = call.marks.back().system, call.marked_at = call.marks.back().at;
  if (call.known == Known::done || (!doubtful && !unanswered)) return;
  call.known = Known::unknown;
  call.settled_at = call.answers.empty() ? call.marked_at : std::max(call.marked_at, call.answers.back().at);
}

void settle_item(ItemEvidence& item, const CollectSettings& settings) {
  for (auto& [number, call] : item.calls) {
    const auto found = settings.rewound.find(call.marks.empty() ? item.system : call.marks.back().system);
    const auto rewound = found == settings.rewound.end() ? std::nullopt : std::optional(found->second);
    settle_call(call, rewound);
    const auto undone = settings.undone.find(item.key_of(number));
    if (undone == settings.undone.end() || undone->second < call.settled_at) continue;
    call.settled_at = undone->second;
    // What was taken back behind that moment may be there again.
    const bool believed = !rewound || undone->second < *rewound;
    call.known = believed ? Known::undone : Known::unknown, call.disbelieved |= !believed;
  }
}

bool settled_by_rows(const ItemEvidence& item) {
  for (const auto& [number, call] : item.calls)
    if (call.in_window || call.known == Known::unknown) return false;
  return true;
}

}  // namespace

const char* to_text(Known known) {
  switch (known) {
    case Known::none: return "not taken";
    case Known::unknown: return "unknown";
    case Known::refused: return "refused";
    case Known::done: return "done";
    case Known::undone: return "undone";
  }
  return "";
}

bool ItemEvidence::any_unknown() const {
  return std::any_of(calls.begin(), calls.end(), [](const auto& call) { return call.second.known == Known::unknown; });
}

int ItemEvidence::net_call() const {
  for (const Known wanted : {Known::done, Known::unknown})
    for (const auto& [number, call] : calls)
      if (call.known == wanted) return number;
  const auto last = std::max_element(calls.begin(), calls.end(),
                                     [](const auto& a, const auto& b) { return a.second.settled_at < b.second.settled_at; });
  return last->first;
}

Result<Evidence> collect_evidence(const CollectSettings& settings, safe::Safe& safe, Partition partition) {
  Evidence evidence;
  const auto take = [&](const queue::Record& record) {
    if (!settings.settled || !settings.settled(record.key)) take_record(evidence, settings, record, partition);
  };
  const auto begin = settings.before ? settings.before(partition, take) : Result<std::uint64_t>(1);
  if (!begin) return fail(begin.error());
  std::uint64_t next = *begin;
  const Status read = safe.read_archive("completer", partition, next, [&](const queue::Record& record) {
    next = record.offset + 1, take(record);
    return true;
  });
  if (!read) return fail(read.error());
  const auto end = safe.archived_end("completer", partition);
  if (!end) return fail(end.error());
  if (next != *end) return fail(Code::archive_gap, "completer of partition {} has no record of offset {}", partition, next);
  for (auto entry = evidence.begin(); entry != evidence.end();) {
    settle_item(entry->second, settings);
    entry = settings.since.is_set() && settled_by_rows(entry->second) ? evidence.erase(entry) : std::next(entry);
  }
  return evidence;
}

}  // namespace backstitch::recovery
