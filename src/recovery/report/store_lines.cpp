#include "recovery/report/store_lines.h"

#include <fmt/core.h>

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::int64_t figure(const json::value& of, const char* name) {
  const json::value* found = of.is_object() ? of.get_object().if_contains(name) : nullptr;
  boost::json::error_code error;
  const auto number = found && found->is_number() ? found->to_number<std::int64_t>(error) : 0;
  return error ? 0 : number;
}

std::string counted(std::int64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// All that the lines are made of.
struct Measured {
  const Journal& journal;
  const json::array& work;
  json::object captured = journal.step("capture").result, replayed = journal.step("replay").result,
               reconciled = journal.step("reconcile").result, verified = journal.step("verify").result;
  json::value held = member(verified, "window", json::object());

  std::int64_t listed(std::string_view classes) const {
    std::int64_t count = 0;
    for (const json::value& row : work) count += row.at("class").as_string().starts_with(classes);
    return count;
  }
  /// Orders or assets of which some source tells something that happened in the window.
  std::int64_t moved(const char* what, const char* unmoved) const {
    std::int64_t count = 0;
    if (const json::value classes = member(verified, what); classes.is_object())
      for (const auto& [kind, number] : classes.get_object())
        if (kind != unmoved && kind != "K5") count += number.to_number<std::int64_t>();
    return count;
  }
  std::int64_t records(std::string_view topic) const {
    if (const json::value queues = member(captured, "queues"); queues.is_array())
      for (const json::value& queue : queues.get_array())
        if (queue.at("name").as_string() == topic) return figure(queue, "records");
    return 0;
  }
  std::int64_t violations() const {
    std::int64_t count = 0;
    if (const json::value all = member(verified, "invariants"); all.is_array())
      for (const json::value& one : all.get_array()) count += figure(one, "count");
    return count;
  }
};

struct Line {
  const char *name, *step;
  std::string before, action, after;
};

std::string agrees_or(std::int64_t listed) { return listed == 0 ? "agrees" : fmt::format("{} listed for a person", listed); }

std::vector<Line> lines_of(const Measured& all) {
  const json::value accounts = member(all.replayed, "accounts"), crm = member(all.captured, "crm");
  const std::int64_t differ = figure(accounts, "damaged") + figure(accounts, "free") + figure(accounts, "unexplained");
  const std::int64_t stopped =
      static_cast<std::int64_t>(member(all.journal.step("freeze").result, "stopped", json::array()).as_array().size());
  const auto behind = [&](const char* topic) {
    return counted(all.records(topic), "record of the window", "records of the window");
  };
  const std::string master = counted(figure(crm, "records"), "record touched since T", "records touched since T");
  return {
      {"PostgreSQL orders, plans, items, inventory", "resume",
       fmt::format("{} of {} accounts differ", differ, figure(accounts, "compared")), "rewound, folded again, switched",
       all.violations() == 0 ? "invariants hold" : counted(all.violations(), "violation", "violations")},
      {"PostgreSQL catalog", "rebuild",
       counted(figure(all.held, "catalogActivations"), "activation behind T", "activations behind T"),
       "loaded by digest, activations folded again", "loaded"},
      {"PostgreSQL orders and assets", "resume",
       fmt::format("{} orders, {} assets of the window", all.moved("orders", "L9"), all.moved("assets", "K6")),
       "folded again, net state published", agrees_or(all.listed("L") + all.listed("K"))},
      {"cache sessions", "resume", "of the process that was stopped", "dropped with it", "gone"},
      {"cache grants", "resume", counted(figure(all.held, "grantsRevoked"), "revocation behind T", "revocations behind T"),
       "dropped with the process, revocations first", "loaded on a miss"},
      {"workers", "freeze", counted(stopped, "process ran", "processes ran"), "stopped, each proven",
       "stopped: the platform starts its own"},
      {"objects catalog", "rebuild", "versions by digest", "kept: versions are immutable", "as before"},
      {"completer", "replay",
       fmt::format("{} effects executed, {} records not consumed", figure(all.held, "effectsExecuted"),
                   figure(all.held, "completerNotConsumed")),
       "folded again; answers adopted", "at its seal"},
      {"order_orderitems", "drain", behind("order_orderitems"), "exported, drained, net state published", "at its seal"},
      {"schedule", "drain", behind("schedule"), "drained, derived anew from rows", "at its seal"},
      {"incoming", "replay", counted(inputs_of(all.journal), "input to fold again", "inputs to fold again"),
       "folded again, minus exclusions", "at its seal"},
      {"CRM catalog", "", "the master", "none", "the master"},
      {"CRM orders", "verify", master, "classified, told the net state", agrees_or(all.listed("L"))},
      {"CRM assets", "verify", master, "classified, told the net state", agrees_or(all.listed("K"))},
      {"external systems", "reconcile", counted(figure(all.reconciled, "effects"), "effect to settle", "effects to settle"),
       "asked, adopted, listed",
       figure(all.reconciled, "open") == 0 ? "settled" : fmt::format("{} listed for a person", figure(all.reconciled, "open"))}};
}

}  // namespace

json::value member(const json::object& object, const char* name, json::value otherwise) {
  const json::value* found = object.if_contains(name);
  return found ? *found : std::move(otherwise);
}

std::int64_t inputs_of(const Journal& journal) {
  const json::object replayed = journal.step("replay").result;
  return figure(member(journal.notes(), "prepared"), "inputs") + figure(replayed, "inputs") +
         figure(member(replayed, "beyond"), "inputs");
}

json::array stores_of(const Journal& journal, const json::array& work) {
  json::array out;
  int number = 0;
  for (Line& line : lines_of({.journal = journal, .work = work})) {
    const StepRecord record = *line.step ? journal.step(line.step) : StepRecord{.state = StepState::done};
    const bool done = record.state == StepState::done;
    out.push_back(json::object{{"n", ++number},
                               {"name", line.name},
                               {"before", std::move(line.before)},
                               {"action", std::move(line.action)},
                               {"after", done ? std::move(line.after) : "not reached"},
                               {"digest", record.digest_after}});
  }
  return out;
}

}  // namespace backstitch::recovery
