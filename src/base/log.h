// One event a line: time, level, event name, key=value pairs. Thread-safe. Secrets never go in.
#pragma once
#include <fmt/core.h>

#include <string>
#include <string_view>

namespace backstitch {

enum class LogLevel { debug, info, warn, error };
/// File empty = standard error. Rotates at 50 MiB, keeps 3.
void open_log(const std::string& file, LogLevel level, std::string_view process_name);
void log_line(LogLevel level, std::string_view event, std::string_view fields);

template <class... Args>
void log_info(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  log_line(LogLevel::info, event, fmt::format(fields, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  log_line(LogLevel::warn, event, fmt::format(fields, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view event, fmt::format_string<Args...> fields, Args&&... args) {
  log_line(LogLevel::error, event, fmt::format(fields, std::forward<Args>(args)...));
}

}  // namespace backstitch
