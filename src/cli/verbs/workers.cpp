// workers list|reconstruct.
#include <boost/json.hpp>

#include "base/json.h"
#include "base/time.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

Answer answer_of(const value& workers, const char* schema) {
  Answer answer{.schema = schema, .data = write_json(workers)};
  answer.text = table_of(items_of(workers), {{"SLOT", "slot"}, {"LANE", "lane"}, {"NAME", "name"}, {"STATE", "state"}});
  answer.notices.push_back(fmt::format("{} missing, {} too many{}", text_of(workers, "missing"), text_of(workers, "stray"),
                                       text_of(workers, "asConfigured") == "yes" ? "" : "; the wish is not the configured one"));
  if (const std::string error = text_of(workers, "error"); !error.empty()) answer.notices.push_back(error);
  return answer;
}

bool is_right(const value& workers) {
  const value* ok = workers.is_object() ? workers.as_object().if_contains("ok") : nullptr;
  return ok && ok->is_bool() && ok->get_bool();
}

Result<Answer> workers_list(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto workers = client->get("/workers");
  if (!workers) return fail(workers.error());
  return answer_of(*workers, "workers.list/1");
}

Result<Answer> workers_reconstruct(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const std::string wait = invocation.wait_ms < 0 ? "" : duration_text(invocation.wait_ms);
  const auto workers = client->post(with_query("/workers/reconstruct", {{"wait", wait}}),
                                    write_json(object{{"actor", invocation.actor}, {"dryRun", invocation.dry_run}}));
  if (!workers) return fail(workers.error());
  Answer answer = answer_of(*workers, "workers.reconstruct/1");
  if (invocation.dry_run) answer.notices.emplace_back("nothing was changed");
  answer.exit_status = is_right(*workers) ? 0 : 1;
  return answer;
}

}  // namespace

std::vector<Verb> workers_verbs() {
  return {
      {"workers",
       "list",
       "worker processes by slot: running, missing, too many",
       {},
       {},
       {"workers list", "workers list --json", "--server http://127.0.0.1:8480 workers list"},
       workers_list},
      {"workers",
       "reconstruct",
       "make what runs what is configured",
       {},
       {},
       {"workers reconstruct", "workers reconstruct --dry-run", "workers reconstruct --wait 1m --json"},
       workers_reconstruct},
  };
}

}  // namespace backstitch::cli
