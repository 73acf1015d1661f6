// The workers role: processes that run tasks of a lane. A slot is lane/index; at most one worker stands in it.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace backstitch::workers {

struct Running {
  std::string slot;  // "default/0"
  std::string name;  // "default@host-4711-88123": says by itself whether it is alive, on that host
};

struct Launch {
  std::string slot, lane;  // the slot begins with the lane
  int concurrency = 32;    // calls in the air at a time
};

/// What a lane shall have.
struct Lane {
  std::string name;
  int count = 0, concurrency = 32;
};

/// Who keeps the lanes of a machine that does so by itself, where several processes are one instance.
struct Standing {
  bool ours = true;                   // what this process wishes counts now
  bool others = false;                // another process is known to be at it
  std::map<std::string, int> counts;  // by lane, as it was told last by anybody
};

/// Thread-safe, but one slot is for one thread at a time.
class Workers {
 public:
  virtual ~Workers() = default;
  /// What runs now, also what an earlier life of the platform started. An error when that cannot be told, never a part of it.
  virtual Result<std::vector<Running>> running() = 0;
  /// A name is never given twice. Code::process_failed when the slot is taken or the worker cannot be started; then nothing runs.
  virtual Result<Running> launch(const Launch& launch) = 0;
  /// Asks it to finish what it has in the air; ends it after grace_ms. Returns when it is gone. An empty slot is no error.
  virtual Status end(const std::string& slot, std::int64_t grace_ms) = 0;
  /// The whole wish, told before each round. A machine that keeps lanes by itself (an orchestrator) makes what runs equal to it,
  /// replaces who dies, ends who is not wished, and answers true: nobody launches there, and who is ended comes back with the
  /// next wish. Its workers may change their slot while they run. All others answer false and are told slot by slot.
  virtual Result<bool> keep(const std::vector<Lane>&) { return false; }
  /// For the thread that keeps, or before anybody does.
  virtual Result<Standing> standing() { return Standing{}; }
  /// False only when it is proven that the worker of this name has ended: so also true for a name that says nothing.
  virtual bool alive(const std::string& name) const = 0;
};

/// Ends them at once, each within grace_ms; `told` hears of each, one at a time. A machine that keeps lanes by itself is told
/// first that nobody is wished (keep), or it replaces them.
void end_all(Workers& workers, const std::vector<Running>& who, std::int64_t grace_ms,
             const std::function<void(const Running& worker, const Status& ended)>& told);

/// Of a worker's environment: its whole name, from a machine that gives none twice. Not BACKSTITCH_…, which would be a key of the
/// configuration.
constexpr const char* worker_name_variable = "WORKER_NAME";

struct ProcessSettings {
  std::string executable;  // ours
  std::string run_folder;  // pid files
  std::string log_folder;
  std::string endpoints_file;
  std::string token_place;  // env:NAME or file:PATH of what lets workers in at the platform; empty: it asks for none
  std::int64_t stop_grace_ms = 10'000;
  std::vector<std::pair<std::string, std::string>> env;
};
std::unique_ptr<Workers> open_process_workers(const ProcessSettings& settings);

/// Name of the calling process as a worker of the lane, where nobody has given it one.
std::string own_worker_name(const std::string& lane);
/// "host-4711-88123": of the calling process, and of no other.
std::string own_process_name();
std::string own_host();
/// Also true for a name that names no host.
bool is_of_this_host(const std::string& worker);

}  // namespace backstitch::workers
