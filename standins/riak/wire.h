// HTTP as a test needs it: requests are kept as they came, answers leave byte for byte as they were written.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace backstitch::standin {

struct WireRequest {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;  // names as they came
  std::string body;                                          // without the marks of its chunks
  std::string head;                                          // first line and headers, as they came

  /// Empty when there is none; `name` in any case.
  std::string header(const std::string& name) const;
};

/// A server on 127.0.0.1, a thread for each connection.
class Wire {
 public:
  /// None: the connection ends without an answer. Called by several threads at once.
  using Handler = std::function<std::optional<std::string>(const WireRequest&)>;
  /// `port` 0: a free one. Whoever asks for one that is taken gets no server: is_open().
  explicit Wire(Handler handler, int port = 0);
  ~Wire();  // ends all connections
  bool is_open() const { return port() != 0; }
  int port() const;

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace backstitch::standin
