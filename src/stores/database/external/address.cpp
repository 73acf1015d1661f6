#include <libpq-fe.h>

#include <cstdlib>
#include <map>

#include "stores/database/external/external.h"

namespace backstitch::database {
namespace {

Result<std::map<std::string, std::string>> options_of(const std::string& text) {
  char* wrong = nullptr;
  PQconninfoOption* options = text.empty() ? nullptr : PQconninfoParse(text.c_str(), &wrong);
  PQfreemem(wrong);  // it may repeat a password
  if (!options)
    return fail(Code::config_invalid, "database.url: neither postgresql://USER@HOST:PORT/DATABASE nor libpq's key=value text");
  std::map<std::string, std::string> found;
  for (const PQconninfoOption* option = options; option->keyword; ++option)
    if (option->val) found[option->keyword] = option->val;
  PQconninfoFree(options);
  return found;
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char character : value) {
    if (character == '\'' || character == '\\') out += '\\';
    out += character;
  }
  return out + "'";
}

ExternalAddress address_of(const std::map<std::string, std::string>& options) {
  auto part = [&](const char* name, const char* otherwise) {
    const auto found = options.find(name);
    return found == options.end() ? std::string(otherwise) : found->second;
  };
  ExternalAddress address;
  address.database = part("dbname", ""), address.user = part("user", "");
  address.place =
      fmt::format("{}:{}/{}", part("host", part("hostaddr", "local").c_str()), part("port", "5432"), address.database);
  for (const auto& [name, value] : options)
    address.connection += fmt::format("{}{}={}", address.connection.empty() ? "" : " ", name, quoted(value));
  return address;
}

}  // namespace

bool holds_password(const std::string& text) {
  const auto options = options_of(text);
  return options && options->contains("password");
}

Result<ExternalAddress> external_address(const std::string& text) {
  auto options = options_of(text);
  if (!options) return fail(std::move(options.error()));
  if (!options->contains("dbname"))
    return fail(Code::config_invalid, "database.url: it names no database (…/DATABASE at the end of the address)");
  // What the person says stands; a server that is gone without a word must be noticed within a lease, also by one that only waits
  // for its answer.
  for (const auto& [name, value] :
       {std::pair{"application_name", "backstitch"}, std::pair{"connect_timeout", "5"}, std::pair{"client_encoding", "UTF8"},
        std::pair{"tcp_user_timeout", "5000"}, std::pair{"keepalives_idle", "2"}, std::pair{"keepalives_interval", "1"},
        std::pair{"keepalives_count", "3"}})
    options->try_emplace(name, value);
  return address_of(*options);
}

Result<ExternalAddress> moved_address(const ExternalAddress& address, const std::string& host, const std::string& port) {
  auto options = options_of(address.connection);
  if (!options) return fail(std::move(options.error()));
  options->erase("hostaddr"), options->erase("service");
  (*options)["host"] = host, (*options)["port"] = port;
  return address_of(*options);
}

}  // namespace backstitch::database
