#include "api/config_members.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api/config_readers.h"
#include "api/secret.h"
#include "base/time.h"
#include "services/members/assign.h"
#include "stores/database/external/external.h"

namespace backstitch::config {
namespace {

Status read_roles(Config& config, const YAML::Node& node) {
  config.roles = node.as<std::vector<std::string>>();
  const auto& known = roles::all();
  for (const std::string& role : config.roles)
    if (std::find(known.begin(), known.end(), role) == known.end())
      return fail(Code::config_invalid, "\"{}\" is none of {}", role, fmt::join(known, ", "));
  return {};
}

void look_at_database(const Config& config, std::vector<Fault>& faults) {
  const std::string& url = config.database_url;
  auto wrong = [&](const char* why) { faults.push_back({"database.url", Code::config_invalid, why}); };
  if (config.external_database() && url.empty())
    wrong("where is it? postgresql://USER@HOST:PORT/DATABASE, or env:NAME or file:PATH of one with a password");
  if (!config.external_database() && !url.empty()) wrong("it is for database.adapter external; the private one has no address");
  if (!url.empty() && !names_a_place(url) && database::holds_password(url))
    wrong("an address with a password is named by env:NAME or file:PATH");
}

bool is_safe_word(const std::string& word) { return word.find_first_of("'\"\\%$`;&|<> \t\n") == std::string::npos; }

void look_at_rds(const Config& config, std::vector<Fault>& faults) {
  const bool by_rds = config.backup_provider == "rds";
  const auto look = [&](const char* key, const std::string& value, const char* what) {
    if (by_rds && value.empty() && *what) faults.push_back({key, Code::config_invalid, what});
    if (!by_rds && !value.empty()) faults.push_back({key, Code::config_invalid, "it is for backup.provider rds"});
  };
  look("backup.instance", config.backup_instance, "which one? its DB instance identifier");
  look("backup.region", config.backup_region, "where is it? eu-west-1 …");
  look("backup.access_key", config.backup_access_key, "the name of the key");
  look("backup.secret_key", config.backup_secret_key, "env:NAME or file:PATH of its secret");
  look("backup.endpoint", config.backup_endpoint, "");
  look("backup.ca_file", config.backup_ca_file, "");
  if (!config.backup_secret_key.empty() && !names_a_place(config.backup_secret_key))
    faults.push_back({"backup.secret_key", Code::config_invalid, "a secret is named by env:NAME or file:PATH"});
}

void look_at_backups(const Config& config, std::vector<Fault>& faults) {
  auto wrong = [&](const char* key, const char* why) { faults.push_back({key, Code::config_invalid, why}); };
  if (config.backup_provider != "own" && !config.external_database())
    wrong("backup.provider", "it is for database.adapter external; the private one is backed up by the platform itself");
  const bool by_tool = config.backup_provider == "pgbackrest";
  if (by_tool && config.backup_stanza.empty()) wrong("backup.stanza", "which one? pgbackrest info names them");
  for (const auto& [key, value] : {std::pair{"backup.stanza", &config.backup_stanza}, {"backup.config", &config.backup_config}}) {
    if (!by_tool && !value->empty()) wrong(key, "it is for backup.provider pgbackrest");
    if (!is_safe_word(*value)) wrong(key, "it stands in PostgreSQL's archive command: no blanks, quotes or signs of a shell");
  }
  if (!config.backup_config.empty() && config.backup_config.front() != '/')
    wrong("backup.config", "a path from / on: PostgreSQL's user reads it, too");
}

void look_at_shared_database(const Config& config, std::vector<Fault>& faults) {
  const std::string& listen = config.database_listen;
  if (listen.empty()) return;
  auto wrong = [&](const char* key, std::string why) { faults.push_back({key, Code::config_invalid, std::move(why)}); };
  if (config.external_database() || config.queue_adapter != "kafka")
    wrong("database.listen",
          "it is for the private database of several processes: database.adapter private, queue.adapter kafka");
  if (listen != config.address) wrong("database.listen", listen + " is not listen.address: members know one address");
  if (!names_a_place(config.database_password))
    wrong("database.password", "it is named by env:NAME or file:PATH, the same for all members");
}

/// In host order; none when the text is no IPv4 address.
std::optional<std::uint32_t> ipv4(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool is_loopback(std::uint32_t address) { return address >> 24 == 127; }

/// RFC 1918.
bool is_private(std::uint32_t address) { return address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8; }

// Who reaches the API may do everything there: whoever has no session is the local administrator.
void look_at_address(const Config& config, std::vector<Fault>& faults) {
  const auto address = ipv4(config.address);
  if (!address || is_loopback(*address)) return;
  auto wrong = [&](std::string why) { faults.push_back({"listen.address", Code::config_invalid, std::move(why)}); };
  if (!is_private(*address))
    wrong(config.address + " is no private address (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16): everybody may reach it");
  else if (!config.private_network)
    wrong("whoever reaches " + config.address +
          " may do everything: listen.private_network: true says that only this instance does");
}

Status read_address(Config& config, const YAML::Node& node) {
  const auto text = node.as<std::string>("");
  const auto address = ipv4(text);
  if (!address || *address == INADDR_ANY)
    return fail(Code::config_invalid, "listen.address: \"{}\" is not the IPv4 address of one interface, as others are told it",
                text);
  config.address = text;
  return {};
}

}  // namespace

std::vector<Reader> member_readers() {
  return {
      {"listen.address", read_address},
      flag("listen.private_network", &Config::private_network),
      one_of("database.adapter", &Config::database_adapter, {"private", "external"}),
      text("database.url", &Config::database_url),
      one_of("backup.provider", &Config::backup_provider, {"own", "pgbackrest", "rds"}),
      text("backup.stanza", &Config::backup_stanza),
      text("backup.config", &Config::backup_config),
      text("backup.instance", &Config::backup_instance),
      text("backup.region", &Config::backup_region),
      text("backup.endpoint", &Config::backup_endpoint),
      text("backup.access_key", &Config::backup_access_key),
      text("backup.secret_key", &Config::backup_secret_key),
      text("backup.ca_file", &Config::backup_ca_file),
      text("database.listen", &Config::database_listen),
      text("database.password", &Config::database_password),
      {"roles", read_roles},
      duration("member.silent_after", &Config::member_silent_ms_max),
  };
}

void look_for_member_faults(const Config& config, std::vector<Fault>& faults) {
  look_at_database(config, faults), look_at_shared_database(config, faults);
  look_at_backups(config, faults), look_at_rds(config, faults);
  look_at_address(config, faults);
  constexpr const char* alone =
      "a part of them needs other processes beside this one: a database that they reach, and a queue that several can open "
      "(queue.adapter kafka; the embedded one belongs to one process)";
  if (!config.roles.empty() && config.roles.size() < roles::all().size() && !config.may_be_several())
    faults.push_back({"roles", Code::config_invalid, alone});
  if (config.member_silent_ms_max < 2'000 || config.member_silent_ms_max > 60'000)
    faults.push_back({"member.silent_after", Code::config_invalid, "2s … 60s"});
}

}  // namespace backstitch::config

namespace backstitch {

Status take_roles(Config& config, const std::string& text) {
  Error error{Code::config_invalid, "--roles " + text, {}};
  if (const Status read = config::read_roles(config, YAML::Load("[" + text + "]")); !read)
    error.faults.push_back({"roles", Code::config_invalid, read.error().detail});
  config::look_for_member_faults(config, error.faults);
  return error.faults.empty() ? Status() : fail(std::move(error));
}

}  // namespace backstitch

namespace backstitch::config {

std::string backup_yaml(const Config& config) {
  return fmt::format(
      "backup: {{provider: {}, stanza: {}, config: {}, instance: {}, region: {}, endpoint: {}, access_key: {}, secret_key: {}, "
      "ca_file: {}, full_every: {}}}\n",
      config.backup_provider, quoted(config.backup_stanza), quoted(config.backup_config), quoted(config.backup_instance),
      quoted(config.backup_region), quoted(config.backup_endpoint), quoted(config.backup_access_key),
      quoted(config.backup_secret_key), quoted(config.backup_ca_file), duration_text(config.backup_every_ms));
}

std::string members_yaml(const Config& config) {
  return fmt::format("database: {{adapter: {}, url: {}, listen: {}, password: {}}}\nroles: [{}]\nmember: {{silent_after: {}}}\n",
                     config.database_adapter, quoted(config.database_url), quoted(config.database_listen),
                     quoted(config.database_password), fmt::join(config.roles.empty() ? roles::all() : config.roles, ", "),
                     duration_text(config.member_silent_ms_max));
}

}  // namespace backstitch::config
