// The queue of an embedded installation: one RocksDB in one folder, one process. See log_store.h for what lies on disk.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "stores/queue/port.h"

namespace backstitch::queue {

class FaultLayer;

struct EmbeddedSettings {
  std::string folder;                        // made when missing; owned by one process at a time
  Partition partitions = 64;                 // of every topic; fixed when the folder is made
  std::function<Time()> clock = wall_clock;  // gives append times; may step back, append times do not
  FaultLayer* faults = nullptr;              // tests only (fault_layer.h); must outlive the queue
  std::size_t tail_bytes_max = 512 * 1024;   // newest records kept in memory, per partition of a topic
  std::int64_t free_bytes_min = 16 << 20;    // appends are refused with disk_full when less would be left on the disk
  std::string log;                           // the number of the log that must be there; empty: any, or a new one
  bool beside_owner = false;                 // read only, as it stands at this moment, while another process has the folder
};

/// Code::already_running when another process has the folder, config_invalid when it was made with another number of
/// partitions, schema_unknown when a newer version wrote it, disk_full, file_failed, queue_failed; store_unfit when it is another
/// log than the one that must be there, topic_replaced when there is none.
///
/// After a failed sync the queue stops (queue_failed) until it is opened again: what a disk holds then is known only by
/// reading it back. After a full disk it goes on by itself when there is room.
///
/// Beside its owner: what is read is a beginning of what the owner has written, or a record is missing where the owner was just
/// tidying up; every write is queue_failed.
Result<std::unique_ptr<Queue>> open_embedded_queue(const EmbeddedSettings& settings);

}  // namespace backstitch::queue
