// config show, errors list|explain, version.
#include <boost/json.hpp>

#include "api/config.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/problem.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "engine/engine.h"

namespace backstitch::cli {
namespace {

using boost::json::object;

Result<Answer> config_show(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  const std::string yaml = config_yaml(*config);
  return Answer{.schema = "config.show/1", .data = write_json(object{{"yaml", yaml}}), .text = yaml};
}

object error_object(const ErrorInfo& known) {
  return {{"code", code_text(static_cast<Code>(known.number))},
          {"symbol", known.symbol},
          {"title", known.title},
          {"hint", known.hint},
          {"http", known.http},
          {"exit", known.exit_status},
          {"retryable", known.retryable}};
}

std::string errors_markdown() {
  std::string out =
      "# Errors\n\nMade by `backstitch errors list --markdown` from spec/errors.yaml. Numbers are never used again.\n\n"
      "| code | error | what to do | HTTP | exit |\n|---|---|---|---|---|\n";
  for (const ErrorInfo& known : all_errors())
    out += fmt::format("| {} | {} | {} | {} | {} |\n", code_text(static_cast<Code>(known.number)), known.title, known.hint,
                       known.http, known.exit_status);
  return out;
}

Result<Answer> errors_list(const Invocation& invocation) {
  boost::json::array items;
  for (const ErrorInfo& known : all_errors()) items.push_back(error_object(known));
  Answer answer{.schema = "errors.list/1"};
  answer.text =
      invocation.has("--markdown")
          ? errors_markdown()
          : table_of(items, {{"CODE", "code"}, {"EXIT", "exit"}, {"HTTP", "http"}, {"ERROR", "title"}, {"WHAT TO DO", "hint"}});
  answer.data = write_json(object{{"items", std::move(items)}, {"next", nullptr}});
  return answer;
}

Result<Answer> errors_explain(const Invocation& invocation) {
  const auto code = code_from_text(invocation.argument("CODE"));
  if (!code) return fail(code.error());
  const object data = error_object(info(*code));
  return Answer{.schema = "errors.explain/1", .data = write_json(data), .text = describe(data)};
}

Result<Answer> version(const Invocation&) {
  const object data{{"version", BACKSTITCH_VERSION}, {"engine", engine_version}};
  return Answer{.schema = "version/1",
                .data = write_json(data),
                .text = fmt::format("backstitch {} (engine {})\n", BACKSTITCH_VERSION, engine_version)};
}

}  // namespace

std::vector<Verb> about_verbs() {
  return {
      {"config",
       "show",
       "the effective configuration",
       {},
       {{"--config", "FILE", "in place of DIR/backstitch.yaml"}},
       {"config show", "config show --data /srv/backstitch", "config show --config backstitch.yaml --json"},
       config_show},
      {"errors",
       "list",
       "every error with its exit status",
       {},
       {{"--markdown", "", "the page docs/reference/errors.md"}},
       {"errors", "errors list --json", "errors list --markdown >errors.md"},
       errors_list},
      {"errors",
       "explain",
       "one error: what it means and what to do",
       {{"CODE", "BS-3102, or 3102"}},
       {},
       {"errors explain BS-3102", "errors explain 4101", "errors explain BS-3306 --json"},
       errors_explain},
      {"version",
       "",
       "version of the program and of its engine",
       {},
       {},
       {"version", "version --json", "version --quiet"},
       version},
  };
}

}  // namespace backstitch::cli
