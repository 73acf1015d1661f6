// Instances as real PostgreSQL servers: a script says which backups there are, and restores and serves copies.
#pragma once
#include <map>
#include <mutex>

#include "base/process.h"
#include "standins/rds/service.h"

namespace backstitch::standin {

struct ScriptedGroundSettings {
  std::string script, folder;  // empty script: there are no backups
  std::string instance;        // the first one
  int port = 0;                // where it listens
  std::string copies;          // folder
};

class ScriptedGround : public RdsGround {
 public:
  explicit ScriptedGround(ScriptedGroundSettings settings) : settings_(std::move(settings)) {}
  ~ScriptedGround() override;
  Result<std::vector<RdsSnapshot>> snapshots() override;
  Result<Time> latest(const std::string& instance) override;
  /// Of the first instance alone: the script knows how.
  Result<RdsSnapshot> back_up(const std::string& instance) override;
  Status restore(const std::string& instance, const std::string& source, Time until) override;
  /// The first instance is somebody else's process: it goes on as it is.
  Status restart(const std::string& instance) override;
  Result<Endpoint> await(const std::string& instance) override;
  void remove(const std::string& instance) override;

 private:
  struct Copy {
    Child child;
    int port = 0;
  };
  int port_of(const std::string& instance);
  Status begin(const std::string& instance, int port, std::vector<std::string> words);
  Result<std::string> ask(std::vector<std::string> words);
  ScriptedGroundSettings settings_;
  std::mutex mutex_;
  std::map<std::string, Copy> copies_;
  struct Latest {
    Time answered_at, until;
  };
  std::map<std::string, Latest> latest_;  // each question makes its server change the segment
};

}  // namespace backstitch::standin
