#include "base/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace backstitch {
namespace {

constexpr std::size_t file_bytes_max = 50u << 20;
constexpr std::size_t files_kept = 3;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const spdlog::sink_ptr& sink, LogLevel level, std::string_view process_name) {
  auto logger = std::make_shared<spdlog::logger>(std::string(process_name), sink);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %n %v", spdlog::pattern_time_type::utc);
  logger->set_level(level_of(level));
  logger->flush_on(spdlog::level::debug);  // a line must outlive kill -9 of its process
  return logger;
}

// Never destroyed: threads may still log while statics are taken down. Until open_log, standard error.
std::shared_ptr<spdlog::logger>& current() {
  static auto* logger = new std::shared_ptr<spdlog::logger>(
      make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), LogLevel::info, "backstitch"));
  return *logger;
}

// One event is one line, also when a value holds the text of somebody else's error.
void append_on_one_line(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else
      out += c;
  }
}

}  // namespace

void open_log(const std::string& file, LogLevel level, std::string_view process_name) {
  spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  std::string trouble;
  if (!file.empty()) {
    try {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file, file_bytes_max, files_kept);
    } catch (const spdlog::spdlog_ex& error) {
      trouble = error.what();  // a log that cannot be opened stops nobody: words go to standard error
    }
  }
  std::atomic_store(&current(), make_logger(sink, level, process_name));
  if (!trouble.empty()) log_warn("log.open_failed", "file={} error={}", file, trouble);
}

void log_line(LogLevel level, std::string_view event, std::string_view fields) {
  const auto logger = std::atomic_load(&current());
  if (!logger->should_log(level_of(level))) return;
  std::string line;
  line.reserve(event.size() + fields.size() + 1);
  append_on_one_line(line, event);
  if (!fields.empty()) line += ' ';
  append_on_one_line(line, fields);
  logger->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace backstitch
