#include "api/secret.h"

#include <cstdlib>

#include "base/files.h"

namespace backstitch {

bool names_a_place(const std::string& value) { return value.starts_with("env:") || value.starts_with("file:"); }

Result<std::string> secret_of(const char* key, const std::string& value) {
  if (value.starts_with("env:")) {
    const char* found = std::getenv(value.c_str() + 4);
    return found ? Result<std::string>(found) : fail(Code::config_invalid, "{}: {} is not set", key, value.substr(4));
  }
  if (!value.starts_with("file:")) return value;
  auto found = read_file(value.substr(5));
  if (!found) return fail(Code::config_invalid, "{}: {}", key, found.error().text());
  found->erase(found->find_last_not_of(" \t\r\n") + 1);
  return found;
}

}  // namespace backstitch
