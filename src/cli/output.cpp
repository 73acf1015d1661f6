#include "cli/output.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "base/json.h"
#include "base/net/http_server.h"  // problem_json

namespace backstitch::cli {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string notices_json(const std::vector<std::string>& notices) {
  std::string out = "[";
  for (const std::string& notice : notices) out += (out.size() > 1 ? "," : "") + quoted(notice);
  return out + "]";
}

Printed compose_error(const Invocation& invocation, const Error& error) {
  Printed printed;
  printed.exit_status = info(error.code).exit_status;
  if (invocation.json) {
    printed.out = "{\"ok\":false,\"error\":" + problem_json(error) + "}\n";
    return printed;
  }
  printed.err = error.text() + "\n";
  for (const Fault& fault : error.faults)
    printed.err += fmt::format("  {} {} {}\n", fault.pointer.empty() ? "/" : fault.pointer, code_text(fault.code), fault.detail);
  return printed;
}

}  // namespace

Printed compose_output(const Invocation& invocation, const Result<Answer>& result) {
  if (!result) return compose_error(invocation, result.error());
  Printed printed;
  printed.exit_status = result->exit_status;
  if (invocation.json && !result->streamed) {
    printed.out = fmt::format("{{\"ok\":true,\"schema\":{},\"data\":{},\"notices\":{}}}\n", quoted(result->schema), result->data,
                              notices_json(result->notices));
    return printed;
  }
  if (!result->streamed) printed.out = result->text;
  if (!invocation.quiet)
    for (const std::string& notice : result->notices) printed.err += notice + "\n";
  return printed;
}

int finish(const Invocation& invocation, const Result<Answer>& result) {
  const Printed printed = compose_output(invocation, result);
  std::fflush(stdout);
  std::fwrite(printed.err.data(), 1, printed.err.size(), stderr);
  std::fwrite(printed.out.data(), 1, printed.out.size(), stdout);
  // A full disk or a closed pipe behind us must not look like success.
  if (std::fflush(stdout) != 0) return info(Code::file_failed).exit_status;
  return printed.exit_status;
}

void say(const Invocation& invocation, std::string_view words) {
  if (!invocation.quiet) fmt::print(stderr, "{}\n", words);
}

Status confirm(const Invocation& invocation, std::string_view question) {
  if (invocation.yes) return {};
  if (!::isatty(STDIN_FILENO)) return fail(Code::usage, "{} Nobody is there to answer; --yes says it", question);
  fmt::print(stderr, "{} Type yes to go on: ", question);
  std::string line;
  if (std::getline(std::cin, line) && line == "yes") return {};
  return fail(Code::usage, "not confirmed; nothing was done");
}

}  // namespace backstitch::cli
