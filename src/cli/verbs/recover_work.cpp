// recover work: what a recovery could not decide, read, decided and taken back, also as CSV; then carried out.
#include <boost/json.hpp>

#include "api/config.h"
#include "api/open_stores.h"
#include "base/files.h"
#include "base/json.h"
#include "cli/input.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/reconcile/work.h"
#include "recovery/saga/plan.h"

namespace backstitch::cli {
namespace {

using boost::json::value;

Result<std::string> recovery_of(safe::Safe& safe, const Invocation& invocation) {
  if (const std::string id = invocation.argument("RECOVERY"); !id.empty()) return id;
  const auto ids = recovery::recoveries(safe);
  if (!ids) return fail(ids.error());
  if (ids->empty()) return fail(Code::recovery_not_found, "no recovery was ever planned here");
  return ids->back();
}

Status change(safe::Safe& safe, const std::string& id, const Invocation& invocation) {
  const std::string who = invocation.option("--by", invocation.actor);
  if (invocation.has("--import")) {
    const auto csv = read_input(invocation.option("--import"));
    if (!csv) return fail(csv.error());
    BS_TRY(recovery::decide_work_csv(safe, id, *csv, wall_clock()));
  }
  if (invocation.has("--undo")) BS_TRY(recovery::decide_work(safe, id, invocation.option("--undo"), "", "", who, wall_clock()));
  if (!invocation.has("--decide")) return {};
  if (!invocation.has("--choice")) return fail(Code::usage, "--decide wants its --choice");
  return recovery::decide_work(safe, id, invocation.option("--decide"), invocation.option("--choice"),
                               invocation.option("--note"), who, wall_clock());
}

std::string text_of_rows(const std::vector<recovery::WorkRow>& rows) {
  std::string text;
  for (const recovery::WorkRow& row : rows) {
    std::string choices;
    for (const std::string& choice : row.choices) choices += (choices.empty() ? "" : " | ") + choice;
    text += fmt::format("{} {:<3} {}\n    {}\n    {}: {}\n", row.id, row.kind, row.subject, row.evidence,
                        row.open() ? "open" : "decided", row.open() ? choices : row.decision + " by " + row.who);
  }
  return text.empty() ? "nothing is left for people\n" : text;
}

Result<Answer> carry_out(const Invocation& invocation, const std::string& id) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto done = client->post("/recoveries/" + id + "/carry-out", "{}");
  if (!done) return fail(done.error());
  const bool failed = !done->at("failures").as_array().empty();
  return Answer{.schema = "recover.carry-out/1",
                .data = write_json(*done),
                .text = describe(done->as_object()),
                .exit_status = failed ? 1 : 0};
}

Result<Answer> work(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  const auto safe = open_safe(*config);
  if (!safe) return fail(safe.error());
  const auto id = recovery_of(**safe, invocation);
  if (!id) return fail(id.error());
  if (!invocation.dry_run) BS_TRY(change(**safe, *id, invocation));
  const auto rows = recovery::load_work(**safe, *id);
  if (!rows) return fail(rows.error());
  if (invocation.has("--export")) BS_TRY(write_file_durably(invocation.option("--export"), recovery::work_csv(*rows)));
  if (invocation.has("--carry-out") && !invocation.dry_run) return carry_out(invocation, *id);
  return Answer{.schema = "recover.work/1",
                .data = "{\"recovery\":\"" + *id + "\",\"items\":" + recovery::work_json(*rows) + "}",
                .text = text_of_rows(*rows)};
}

}  // namespace

std::vector<Verb> recover_work_verbs() {
  return {
      {"recover",
       "work",
       "what a recovery left for people: see, decide, take back, carry out",
       {{"RECOVERY", "as recover plan printed it; the newest when not given", Argument::Count::optional}},
       {{"--decide", "ROW", "decide this row"},
        {"--choice", "CHOICE", "one of the row's choices"},
        {"--note", "TEXT", "why"},
        {"--by", "NAME", "who decides"},
        {"--undo", "ROW", "take a decision back"},
        {"--export", "FILE", "the list as CSV"},
        {"--import", "FILE", "decisions from CSV: columns id, decision, note, who"},
        {"--carry-out", "", "do what was decided; the platform must be up"}},
       {"recover work", "recover work --decide w-3f2a9c01d4e5 --choice cancel --note \"agreed with the NOC\"",
        "recover work --export work.csv"},
       work},
  };
}

}  // namespace backstitch::cli
