// The safe: epoch, archives, turn mirror, catalogs, journals, evidence, backups. Outside every rollback (law 7).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "stores/queue/port.h"

namespace backstitch::safe {

struct Epoch {
  std::uint64_t n = 1;
  bool open = true;
  std::string saga;  // recovery that closed it; empty when open
  bool operator==(const Epoch&) const = default;
};

/// Of a line that stands for an offset of which the log says that no record was ever there (queue::TopicInfo::End::lost).
inline constexpr const char* lost_schema = "lost/1";

class Safe {
 public:
  virtual ~Safe() = default;

  /// Makes {1, open} when there is none yet.
  virtual Result<Epoch> epoch() = 0;
  /// Compare-and-set, durable when it returns. Code::epoch_conflict when `expected` is not what stands there.
  virtual Status change_epoch(const Epoch& expected, const Epoch& wanted) = 0;

  /// Whole objects, written atomically and durably: catalogs/<digest>, evidence/…, backups/…
  virtual Status put(const std::string& name, std::string_view content) = 0;
  /// False when there is an object of that name, which stays as it is.
  virtual Result<bool> put_new(const std::string& name, std::string_view content) = 0;
  virtual Result<std::string> get(const std::string& name) = 0;                  // Code::object_not_found
  virtual Result<std::vector<std::string>> list(const std::string& prefix) = 0;  // sorted names

  /// Archive of a topic (incoming, completer): records in offset order, gap-free; an offset that is there already with the
  /// same content is a success, with another content Code::checksum_mismatch. Durable when it returns.
  virtual Status archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) = 0;
  /// Offset behind the last archived record; 1 when none.
  virtual Result<queue::Offset> archived_end(const std::string& topic, Partition partition) = 0;
  /// Calls `each` for the records from `from` on, in order, until it returns false; what the log had lost (lost_schema) is passed
  /// over. Code::checksum_mismatch names the file.
  virtual Status read_archive(const std::string& topic, Partition partition, queue::Offset from,
                              const std::function<bool(const queue::Record&)>& each) = 0;

  /// Turn mirror: one line (JSON) per turn of a partition, in the order of turns, gap-free from 1; idempotent like archive().
  virtual Status mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) = 0;
  virtual Result<std::uint64_t> mirrored_turn(Partition partition) = 0;  // 0 when none
  virtual Status read_turns(Partition partition, const std::function<bool(std::uint64_t, const std::string&)>& each) = 0;

  virtual std::string folder() const = 0;  // where files lie, for backups; empty when it is not a file system
};

}  // namespace backstitch::safe
