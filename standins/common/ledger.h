// The ledger of a stand-in: JSON lines, only ever appended. It is the outside witness of what was acknowledged and executed,
// so no answer leaves before the lines it rests on are on the disk.
#pragma once
#include <boost/json/fwd.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/files.h"

namespace backstitch::standin {

/// Thread-safe. A line that cannot be written ends the process (exit 7): a witness that forgets must not go on answering.
class Ledger {
 public:
  using Replay = std::function<Status(const boost::json::object& line)>;

  /// Hands every line to `replay`, oldest first. A last line without its end is what kill -9 left of a line that nobody was
  /// answered for: it is cut off. Code::file_failed, Code::json_invalid (a broken line in the middle, with its number).
  static Result<std::unique_ptr<Ledger>> open(const std::string& path, const Replay& replay);
  ~Ledger();  // what was appended is on the disk afterwards

  /// Appends one line and returns its number, not waiting for the disk.
  std::uint64_t append(const boost::json::object& line);
  /// Returns when this line and all before it are synced. Callers that wait together share one sync.
  void wait_durable(std::uint64_t line_number);
  /// Waits for everything that was appended so far.
  void settle();

 private:
  Ledger(std::string path, AppendFile file) : path_(std::move(path)), file_(std::move(file)) {}
  void write_or_stop(const std::string& batch);

  const std::string path_;
  AppendFile file_;  // used by the one thread that set writing_
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string pending_;
  std::uint64_t appended_ = 0, durable_ = 0;
  bool writing_ = false;
};

}  // namespace backstitch::standin
