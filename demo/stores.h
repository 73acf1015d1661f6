// The stores of a demo (--stores): what the platform then keeps its log, sessions, objects and safe in, where its workers are,
// and how its CRM speaks. Real servers, and stand-ins that are stricter than real ones where none can be had.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "demo/kube.h"
#include "demo/salesforce.h"
#include "demo/stand_in.h"
#include "demo/victims.h"
#include "server.h"

namespace backstitch::demo {

/// The names of --stores, such as "kafka,redis,s3". Code::usage names one that is none, stands there twice, or has the place of
/// another.
Result<std::vector<std::string>> parse_stores(const std::string& list);
/// Who may be killed because of them.
std::vector<Victim> victims_of(const std::vector<std::string>& stores);

/// Ports of the demo that stores have to know.
struct Places {
  int org = 0, workers = 0;  // the platform's port for workers
  int riak = 0;
};

/// One thread.
class Stores {
 public:
  /// Installs what is missing; each has a folder, and ports of its own but for `places`. `scripts`: as Options::scripts.
  static Result<Stores> start(const std::vector<std::string>& names, const std::string& folder, const std::string& scripts,
                              const Places& places);
  /// The groups of backstitch.yaml that name them; with `crm` and `workers` in any case.
  std::string configuration() const;
  /// What the stand-in org has to be told, so that it lets the platform in.
  std::vector<std::string> org_arguments() const;
  /// Of a cluster; empty where the platform starts its workers itself.
  std::vector<ProcessId> workers() const;

  /// Who is to be killed; none when it is not there, or none of ours.
  std::optional<ProcessId> find(Victim victim) const;
  /// With all its processes. False: none of ours.
  bool kill_hard(Victim victim);
  /// Starts again what was killed.
  Status bring_back();
  void stop();

 private:
  Stores(std::string folder, const Places& places) : folder_(std::move(folder)), places_(places) {}
  Status start_one(const std::string& name, const std::string& scripts);
  Status write_secret() const;

  std::string folder_;
  Places places_;
  std::map<Victim, servers::Server> servers_;
  std::unique_ptr<StandIn> riak_;
  std::optional<Salesforce> salesforce_;
  std::optional<Kube> kube_;  // behind its server
};

}  // namespace backstitch::demo
