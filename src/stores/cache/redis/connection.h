// One connection to Redis: a command goes out, its answer comes back, by a deadline. Not thread-safe.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stores/cache/redis/tls.h"

namespace backstitch::cache {

using Command = std::vector<std::string>;

struct Reply {
  bool is_nil = false;
  std::int64_t number = 0;  // of an integer
  std::string text;         // of a string or a status
};

class Connection {
 public:
  /// Connects, shakes hands where `tls` is given, signs in, chooses the database. Code::unreachable, config_invalid.
  static Result<Connection> open(const RedisSettings& settings, const TlsContext* tls, Deadline deadline);

  /// Code::unreachable, config_invalid (not permitted), defect (a command that Redis does not know).
  Result<Reply> call(const Command& command, Deadline deadline);
  /// False once a call has ended in the middle: an answer that came late would be taken for that of the next one.
  bool is_sound() const { return sound_; }
  bool is_quiet() const { return socket_.is_quiet(); }

 private:
  explicit Connection(Socket socket) : socket_(std::move(socket)) {}
  Status sign_in(const RedisSettings& settings, Deadline deadline);
  Status send(const std::string& bytes, Deadline deadline);
  Result<std::string> receive(Deadline deadline);

  Socket socket_;
  std::optional<TlsStream> tls_;
  std::shared_ptr<void> reader_;
  bool sound_ = true;
};

}  // namespace backstitch::cache
