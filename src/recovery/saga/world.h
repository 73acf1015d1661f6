// Everything a recovery acts on. Opened by whoever hosts it (the command line, a test); the saga itself knows no process, no
// configuration file and no port.
#pragma once
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fold/catalog_library.h"
#include "recovery/saga/journal.h"
#include "recovery/saga/plan.h"
#include "stores/crm/port.h"
#include "stores/database/backup/provider.h"
#include "stores/database/port.h"
#include "stores/database/private/cluster.h"
#include "stores/queue/port.h"
#include "stores/systems/port.h"

namespace backstitch::recovery {

/// What was found running and is proven stopped; who could not be proven stopped is a possible ghost.
struct Frozen {
  bool platform_ran = false;
  std::vector<std::string> stopped, ghosts;
};

struct Standing;

struct World {
  Plan plan;
  safe::Safe& safe;
  CatalogLibrary& library;
  database::ClusterFolders folders;
  database::ClusterSettings cluster;
  std::shared_ptr<database::BackupProvider> provider;  // not set: our own backups, in these folders (provider_of)
  int partitions = 64, threads = 2;
  EngineSettings engine;
  std::map<std::string, std::string> bases;  // addresses of systems
  crm::Crm* crm = nullptr;                   // null: none is configured
  systems::Systems* systems = nullptr;
  /// Stops the platform and opens its log, on which intake goes on. Idempotent; called before any step behind `freeze`. What the
  /// end of the recovery must know of the platform is noted in the journal before anything is stopped.
  std::function<Result<Frozen>(Journal&)> freeze;
  queue::Queue* queue = nullptr;  // from freeze on
  /// The log as it stands, to be read beside the platform that goes on with it.
  std::function<Result<std::unique_ptr<queue::Queue>>()> log_beside_owner;
  std::function<void(const std::string&)> say = [](const std::string&) {};

  /// The stop of the database that is left behind, under way from capture on. Resume, and whoever gives the folder's lock back,
  /// waits for it. Not valid in a run that goes on behind capture.
  std::future<Status> leaving;

  // The copy, from rewind on: found again by its name after a kill.
  std::unique_ptr<database::Copy> copy;
  std::unique_ptr<database::Database> database;
  std::shared_ptr<const Standing> standing;  // what prepare() found out and the tail left standing; null: nothing

  std::string copy_name() const { return "recovery-" + plan.id; }
};

/// Who brings a moment of the database back.
database::BackupProvider& provider_of(World& world);

/// The copy, started, with its database open. Code::step_out_of_order when there is none yet.
Status open_copy(World& world);
void close_copy(World& world);

/// Writing into the copy: its epoch is open for as long as `work` runs, and closed again behind it, whatever came of it.
Status while_open(World& world, std::uint64_t epoch, const std::function<Status()>& work);

/// Names a whole state small: epoch, the ends of the log, the copy's positions and decisions.
Result<std::string> state_digest(World& world);

/// Topics that exist in the log, and those that are derived: what they hold is evidence after a rewind, never a command.
std::vector<std::string> derived_topics(queue::Queue& queue);

std::string evidence_name(const Plan& plan, const std::string& file);  // "evidence/<id>/<file>"

}  // namespace backstitch::recovery
