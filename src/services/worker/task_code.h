// Code of auto tasks: built in, or a child process that speaks a JSON object a line ("interfaces" 7).
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stores/systems/port.h"

namespace backstitch {

class TaskCode {
 public:
  /// Implementation name → argv of the child that carries it out.
  explicit TaskCode(std::map<std::string, std::vector<std::string>> commands);
  ~TaskCode();  // closes the children's standard input: they finish and leave
  /// Blocks. "echo" answers its body; an unknown name is refused; a child that dies or times out is unknown.
  systems::CallResult run(const std::string& implementation, const std::string& task_id, const std::string& body,
                          std::int64_t timeout_ms);

 private:
  class Host;
  std::map<std::string, std::vector<std::string>> commands_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
};

}  // namespace backstitch
