#include "stores/workers/process/survivors.h"

#include <charconv>
#include <filesystem>
#include <optional>

#include "base/files.h"

namespace backstitch::workers {
namespace {

std::vector<std::string> split_at_nul(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Code that a worker runs inherits the variable; it is not called "worker".
bool is_worker(int pid) {
  const auto line = read_file(fmt::format("/proc/{}/cmdline", pid));
  if (!line) return false;
  const auto words = split_at_nul(*line);
  return words.size() > 1 && words[1] == "worker";
}

std::optional<std::string> pid_file_of(int pid) {
  const auto environment = read_file(fmt::format("/proc/{}/environ", pid));
  if (!environment) return std::nullopt;
  const std::string wanted = std::string(pid_file_variable) + "=";
  for (const std::string& entry : split_at_nul(*environment))
    if (entry.starts_with(wanted)) return entry.substr(wanted.size());
  return std::nullopt;
}

}  // namespace

std::vector<Survivor> find_survivors(const std::string& run_folder) {
  std::vector<Survivor> found;
  for (const std::string& name : list_folder("/proc")) {
    int pid = 0;
    const char* end = name.data() + name.size();
    if (const auto [rest, error] = std::from_chars(name.data(), end, pid); error != std::errc() || rest != end) continue;
    const auto id = identify(pid);
    if (!id || !is_worker(pid)) continue;
    const auto file = pid_file_of(pid);
    if (file && std::filesystem::path(*file).parent_path() == run_folder) found.push_back({*file, *id});
  }
  return found;
}

}  // namespace backstitch::workers
