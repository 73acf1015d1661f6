// A safe in memory for tests, stricter than files: what files let pass and a reader stumbles over later is refused here at once,
// with Code::safe_failed. Thread-safe.
//
// Stricter: a record without append time, a schema without version, headers that are no JSON object, a turn that is not JSON, a
// partition that does not exist, an open epoch that names a recovery, a closed one that names none.
#pragma once
#include <map>
#include <mutex>
#include <optional>

#include "stores/safe/port.h"

namespace backstitch::safe {

class StrictFake : public Safe {
 public:
  explicit StrictFake(Partition partitions = 64) : partitions_(partitions) {}

  /// The next write (epoch, object, archive, turns) answers `code`. With `written`, it was done all the same.
  void fail_next_write(Code code, bool written = false);
  std::uint64_t writes() const;  // that changed something

  Result<Epoch> epoch() override;
  Status change_epoch(const Epoch& expected, const Epoch& wanted) override;
  Status put(const std::string& name, std::string_view content) override;
  Result<bool> put_new(const std::string& name, std::string_view content) override;
  Result<std::string> get(const std::string& name) override;
  Result<std::vector<std::string>> list(const std::string& prefix) override;
  Status archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) override;
  Result<queue::Offset> archived_end(const std::string& topic, Partition partition) override;
  Status read_archive(const std::string& topic, Partition partition, queue::Offset from,
                      const std::function<bool(const queue::Record&)>& each) override;
  Status mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) override;
  Result<std::uint64_t> mirrored_turn(Partition partition) override;
  Status read_turns(Partition partition, const std::function<bool(std::uint64_t, const std::string&)>& each) override;
  std::string folder() const override { return {}; }

 private:
  using Log = std::vector<queue::Record>;  // a turn is a record that has only a number and a value
  Status append(Log& log, const std::vector<queue::Record>& records);
  Status write(const std::function<void()>& act);
  Status check_partition(Partition partition) const;
  Status check_place(const std::string& topic, Partition partition) const;

  struct Fault {
    Code code;
    bool written;
  };
  const Partition partitions_;
  mutable std::mutex mutex_;
  std::optional<Fault> fault_;
  std::uint64_t writes_ = 0;
  Epoch epoch_;
  std::map<std::string, std::string> objects_;
  std::map<std::pair<std::string, Partition>, Log> archives_;
  std::map<Partition, Log> turns_;
};

}  // namespace backstitch::safe
