// Real servers as children of a test or of the demo: NAME.sh of this folder, with data in a folder of its own. They die with
// their parent.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/process.h"

namespace backstitch::servers {

/// False when BACKSTITCH_WITHOUT names it ("kafka,ceph"): its tests are skipped then, and say so. There is no other way round a
/// server that cannot be had: its tests fail.
bool wanted(const std::string& name);

/// `count` ports of the loopback device, one behind the other, that were free a moment ago.
int free_ports(int count);

class Server {
 public:
  /// Installs what is missing (at most 25 minutes), starts it and waits for its ready line (at most 2). Code::process_failed,
  /// timed_out, with the last words of the script. `arguments` come behind the port. `scripts`: where NAME.sh lies when not in
  /// this folder of the sources.
  static Result<Server> start(const std::string& name, const std::string& folder, int port,
                              std::vector<std::string> arguments = {}, const std::string& scripts = {});
  Server(Server&& other) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();  // kills it

  const std::string& address() const { return address_; }  // as its ready line says
  int port() const { return port_; }
  bool running() const { return running_; }  // as this program left it
  ProcessId id() const { return child_.id; }
  void stop();  // in order
  void kill_hard();
  /// Again, with the data of before.
  Status start_again();

 private:
  Server() = default;
  Status run();

  std::string script_, name_, folder_, address_;
  int port_ = 0;
  std::vector<std::string> arguments_;
  Child child_;
  bool running_ = false;
};

}  // namespace backstitch::servers
