#include "stores/database/private/control.h"

#include <cstdlib>

#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

/// "Latest checkpoint's TimeLineID:       1"
std::string value_of(const std::string& text, const std::string& name) {
  const auto line = text.find("\n" + name + ":");
  if (line == std::string::npos) return {};
  const auto from = text.find_first_not_of(' ', line + name.size() + 2);
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

Result<ControlData> read_control(const std::string& folder) {
  const auto program = postgres_program("pg_controldata");
  if (!program) return fail(program.error());
  const auto text = run_as_server({*program, "-D", folder}, 60'000);
  if (!text) return fail(text.error());
  ControlData control;
  control.timeline = static_cast<std::uint32_t>(std::atoi(value_of(*text, "Latest checkpoint's TimeLineID").c_str()));
  control.system = value_of(*text, "Database system identifier");
  control.checksums = value_of(*text, "Data page checksum version") != "0";
  // It only warns of a wrong checksum and prints what it makes of the bytes.
  if (control.timeline == 0 || control.system.empty() || text->find("WARNING") != std::string::npos)
    return fail(Code::process_failed, "{}/global/pg_control cannot be read", folder);
  return control;
}

}  // namespace backstitch::database
