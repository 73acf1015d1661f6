// What safes have in common that keep archives and turn mirror as logs of numbered lines.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "stores/safe/numbered_log.h"
#include "stores/safe/port.h"

namespace backstitch::safe {

class LogSafe : public Safe {
 public:
  Status archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) override;
  Result<queue::Offset> archived_end(const std::string& topic, Partition partition) override;
  Status read_archive(const std::string& topic, Partition partition, queue::Offset from,
                      const std::function<bool(const queue::Record&)>& each) override;
  Status mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) override;
  Result<std::uint64_t> mirrored_turn(Partition partition) override;
  Status read_turns(Partition partition, const std::function<bool(std::uint64_t, const std::string&)>& each) override;

 protected:
  /// `kind` is incoming, completer or turns; `name` is of this partition, "incoming/p07".
  virtual std::unique_ptr<NumberedLog> make_log(const std::string& kind, const std::string& name) = 0;
  /// Before anything is appended to a log of this kind.
  virtual Status before_writing(const std::string& kind) = 0;

 private:
  Status append(const std::string& kind, Partition partition, const std::vector<NumberedLog::Entry>& entries);
  Result<NumberedLog*> log_of(const std::string& kind, Partition partition);

  std::mutex mutex_;
  std::map<std::pair<std::string, Partition>, std::unique_ptr<NumberedLog>> logs_;
};

}  // namespace backstitch::safe
