// Three hosts in network namespaces, as scripts/cluster.sh makes them, and this process among their stores (--hosts).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/process.h"
#include "demo/options.h"
#include "demo/voice.h"

namespace backstitch::demo {

/// One thread. Its PostgreSQL is the platform's own on the first host.
class Hosts {
 public:
  static constexpr const char *first = "h1", *second = "h2", *third = "h3";
  static constexpr const char* store_address = "10.77.0.1";
  static constexpr int system_port = 8490, org_port = 8491;

  /// Makes the cluster in this folder and puts the calling thread into the network of its stores, with all threads and processes
  /// that it begins from now on. Code::process_failed with the words of the script.
  static Result<std::unique_ptr<Hosts>> make(const Options& options, const std::string& folder, Voice& voice);
  ~Hosts();  // as down()
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  /// A verb of the cluster, such as {"partition", "h3"}. It is given up when somebody interrupts us.
  Status verb(std::vector<std::string> words);
  /// Processes and network end; the data stay. Also when we were interrupted.
  Status down();
  /// The words that begin a command there.
  std::vector<std::string> on(const std::string& host) const;
  std::string data(const std::string& host) const { return folder_ + "/" + host; }
  static std::string api(const std::string& host) { return "http://10.77.0.1" + host.substr(1) + ":8480"; }

 private:
  Hosts(const Options& options, std::string folder, Voice& voice);
  Status begin_guard(bool keep);
  void end_guard();
  Status enter() const;
  Status run_verb(std::vector<std::string> words, bool whatever_comes);

  const std::string script_, folder_;
  Voice& voice_;
  Child guard_;  // takes the cluster down when we are not there any more to do it
  bool down_ = false;
};

}  // namespace backstitch::demo
