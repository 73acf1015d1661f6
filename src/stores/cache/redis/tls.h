// TLS over a Socket. It passes through memory, so that the socket's deadlines hold for it too.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "stores/cache/redis/socket.h"

struct ssl_st;
struct ssl_ctx_st;

namespace backstitch::cache {

struct RedisSettings;

/// Whom a client trusts, and who it is. Thread-safe.
class TlsContext {
 public:
  /// Code::config_invalid for files that cannot be used.
  static Result<std::shared_ptr<const TlsContext>> make(const RedisSettings& settings);
  ssl_ctx_st* get() const { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

class TlsStream {
 public:
  /// Shakes hands. The certificate must be good for `host`, a name or an address: Code::config_invalid else.
  static Result<TlsStream> open(const TlsContext& context, Socket& socket, const std::string& host, Deadline deadline);
  Status send(Socket& socket, std::string_view bytes, Deadline deadline);
  Result<std::string> receive(Socket& socket, Deadline deadline);

 private:
  explicit TlsStream(ssl_st* session);
  template <class Step>
  Result<int> drive(Socket& socket, Deadline deadline, Step step);
  std::shared_ptr<ssl_st> session_;
};

}  // namespace backstitch::cache
