// The real servers of a demo (--stores kafka,redis,s3): what the platform then keeps its log, sessions, objects and safe in.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "demo/victims.h"
#include "server.h"

namespace backstitch::demo {

/// The names of --stores, "kafka,redis,s3" or a part of it. Code::usage names one that is none.
Result<std::vector<std::string>> parse_stores(const std::string& list);
/// Who may be killed because of them.
std::vector<Victim> victims_of(const std::vector<std::string>& stores);

/// One thread.
class Stores {
 public:
  /// Installs what is missing; each has a folder and ports of its own. `scripts`: as Options::scripts.
  static Result<Stores> start(const std::vector<std::string>& names, const std::string& folder, const std::string& scripts);
  /// The groups of backstitch.yaml that name them.
  std::string configuration() const;
  servers::Server* server(Victim victim);  // null when it is not there
  /// Starts again what was killed.
  Status bring_back();
  void stop();

 private:
  explicit Stores(std::string folder) : folder_(std::move(folder)) {}
  Status write_secret() const;

  std::string folder_;
  std::map<Victim, servers::Server> servers_;
};

}  // namespace backstitch::demo
