// What the person typed, read and checked for form; the verbs get this and nothing else.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace backstitch::cli {

struct Invocation {
  std::string command;                     // "order list"
  std::string data = "./backstitch-data";  // absolute once parsed
  bool data_given = false;                 // by --data or BACKSTITCH_DATA
  std::string server, actor;
  std::string token, token_file;  // of a session: BACKSTITCH_TOKEN, --token-file; the file wins
  bool json = false, jsonl = false, dry_run = false, yes = false, quiet = false;
  int limit = 100;
  std::int64_t wait_ms = -1;  // -1: not given, the verb has its own default
  std::int64_t timeout_ms = 30'000;
  std::map<std::string, std::vector<std::string>> options;    // of the verb: "--state" → {"InProgress"}
  std::map<std::string, std::vector<std::string>> arguments;  // "ORDER" → {"ord_…"}

  bool has(const std::string& option) const {
    const auto found = options.find(option);
    return found != options.end() && !found->second.empty();
  }
  std::string option(const std::string& name, const std::string& otherwise = "") const {
    return has(name) ? options.at(name).back() : otherwise;
  }
  std::string argument(const std::string& name) const {
    const auto found = arguments.find(name);
    return found == arguments.end() || found->second.empty() ? "" : found->second.front();
  }
};

}  // namespace backstitch::cli
