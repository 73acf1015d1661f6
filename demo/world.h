// Everything that runs in a demo, in one folder: the platform and the outside world. Nothing of it outlives this object.
#pragma once
#include <memory>
#include <string>

#include "demo/hosts.h"
#include "demo/options.h"
#include "demo/order_files.h"
#include "demo/platform.h"
#include "demo/scratch.h"
#include "demo/stand_in.h"
#include "demo/stores.h"
#include "demo/voice.h"

namespace backstitch::demo {

/// One thread.
class World {
 public:
  /// Takes ports; starts nothing but the hosts, where such are asked for: then there is a network of their own, in which the
  /// calling thread lives from now on. `folder` may be one that an earlier demo has kept.
  static Result<std::unique_ptr<World>> make(const Options& options, std::string folder, Voice& voice);
  ~World();  // as end(false), when end() was not called
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Real servers if such are asked for, the external system, then the platform.
  Status start_platform();
  /// Loads and activates the catalog over the command line.
  Status activate_catalog();
  /// Until the keeper has taken the first base backup: nobody can go back to a moment before it. Code::timed_out.
  Status await_backup();
  /// The org and the client, which submit at this rate; and the operator.
  Status start_people(const OrderFiles& files, double orders_per_second);
  /// Whoever submits goes on at another rate.
  Status submit_at(double orders_per_second);
  /// A client of its own with these orders, as fast as they go: "test" or "late". Its file is FOLDER/NAME/acknowledged.jsonl.
  std::unique_ptr<StandIn> one_more_client(const std::string& name, const std::string& orders) const;
  /// How fast the external system works: as always, in a slow hour, or hardly at all. Code::unreachable.
  enum class Pace : std::uint8_t { usual, slow, crawl };
  Status go_at(Pace pace);
  /// A good part of the results that were held back is told at once; who was called last is called back later. Code::unreachable.
  Status call_back_some();
  /// For a moment blind refuses most of what it is asked for, or no longer: others may be asked again, and would remember.
  Status refuse(bool much);
  /// Org and client without new orders: for a comparison afterwards.
  Status start_org_only();
  /// Stops everything; with `remove` the folder goes too. The differences between this and a clean end, in words.
  std::string end(bool remove);

  const Options& options() const { return options_; }
  const std::string& folder() const { return folder_; }
  std::string client_file() const { return folder_ + "/client/acknowledged.jsonl"; }
  std::string test_file() const { return folder_ + "/test/acknowledged.jsonl"; }  // of orders that are left out
  std::string late_file() const { return folder_ + "/late/acknowledged.jsonl"; }
  /// Of everybody whose orders must be there.
  std::vector<std::string> order_files() const;
  std::string system_file() const { return folder_ + "/system/ledger.jsonl"; }
  std::string org_file() const { return folder_ + "/org/ledger.jsonl"; }
  Platform& platform() { return platform_; }
  StandIn& system() { return *system_; }
  StandIn& org() { return *org_; }
  StandIn& manual() { return *operator_; }
  StandIn& client() { return *client_; }
  Voice& voice() { return voice_; }
  Stores& stores() { return *stores_; }
  Hosts* hosts() { return hosts_.get(); }  // null: there is one, this machine

 private:
  World(const Options& options, std::string folder, std::unique_ptr<Hosts> hosts, Ports ports, Voice& voice);
  void make_submitters(double orders_per_second);
  std::string address() const { return hosts_ ? Hosts::store_address : "127.0.0.1"; }  // of the stand-ins
  std::unique_ptr<StandIn> stand_in(const std::string& name, int port, std::vector<std::string> arguments) const;
  Status write_configuration() const;

  const Options options_;
  const std::string folder_;
  const std::unique_ptr<Hosts> hosts_;
  Ports ports_;
  Voice& voice_;
  Platform platform_;
  std::optional<Stores> stores_;  // before the platform, and after it; none where hosts have theirs
  OrderFiles files_;
  std::unique_ptr<StandIn> system_, org_, operator_, client_;
  bool ended_ = false;
};

}  // namespace backstitch::demo
