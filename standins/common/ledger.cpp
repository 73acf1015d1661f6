#include "standins/common/ledger.h"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/json.h"
#include "base/log.h"

namespace backstitch::standin {
namespace {

constexpr int exit_environment = 7;

Status cut_torn_tail(const std::string& path, std::string& content) {
  const auto last_end = content.rfind('\n');
  const std::size_t whole = last_end == std::string::npos ? 0 : last_end + 1;
  if (whole == content.size()) return {};
  log_warn("ledger.torn_tail", "file={} bytes_cut={}", path, content.size() - whole);
  content.resize(whole);
  std::error_code error;
  std::filesystem::resize_file(path, whole, error);
  if (error) return fail(Code::file_failed, "cut {} back to its last whole line: {}", path, error.message());
  return {};
}

Status replay_lines(const std::string& path, std::string_view content, const Ledger::Replay& replay) {
  for (int number = 1; !content.empty(); ++number) {
    const auto end = content.find('\n');
    auto line = parse_json(content.substr(0, end));
    if (!line) return fail(line.error().code, "{} line {}: {}", path, number, line.error().detail);
    if (!line->is_object()) return fail(Code::json_invalid, "{} line {} is not an object", path, number);
    BS_TRY(replay(line->get_object()));
    content.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, const Replay& replay) {
  if (file_exists(path)) {
    auto content = read_file(path);
    if (!content) return fail(std::move(content.error()));
    BS_TRY(cut_torn_tail(path, *content));
    BS_TRY(replay_lines(path, *content, replay));
  }
  auto file = AppendFile::open(path);
  if (!file) return fail(std::move(file.error()));
  return std::unique_ptr<Ledger>(new Ledger(path, std::move(*file)));
}

Ledger::~Ledger() { settle(); }

std::uint64_t Ledger::append(const boost::json::object& line) {
  const std::string text = write_json(line);
  std::lock_guard lock(mutex_);
  pending_ += text;
  pending_ += '\n';
  return ++appended_;
}

void Ledger::wait_durable(std::uint64_t line_number) {
  std::unique_lock lock(mutex_);
  while (durable_ < line_number) {
    if (writing_) {
      changed_.wait(lock);
      continue;
    }
    writing_ = true;
    const std::string batch = std::exchange(pending_, {});
    const std::uint64_t up_to = appended_;
    lock.unlock();
    write_or_stop(batch);
    lock.lock();
    writing_ = false;
    durable_ = up_to;
    changed_.notify_all();
  }
}

void Ledger::settle() {
  std::unique_lock lock(mutex_);
  const std::uint64_t line_number = appended_;
  lock.unlock();
  wait_durable(line_number);
}

void Ledger::write_or_stop(const std::string& batch) {
  const Status written = file_.append(batch, true);
  if (written) return;
  log_error("ledger.write_failed", "file={} error={}", path_, written.error().text());
  std::_Exit(exit_environment);
}

}  // namespace backstitch::standin
