// hiredis writes and reads the protocol; the bytes are carried by our own sockets, because Debian's hiredis has no TLS.
#include "stores/cache/redis/connection.h"

#include <hiredis/hiredis.h>

#include <algorithm>

#include "stores/cache/redis/redis_cache.h"

namespace backstitch::cache {
namespace {

using Words = std::vector<std::string_view>;

std::string written(const Command& command) {
  std::vector<const char*> parts;
  std::vector<std::size_t> sizes;
  for (const std::string& part : command) parts.push_back(part.data()), sizes.push_back(part.size());
  char* bytes = nullptr;
  const int size = redisFormatCommandArgv(&bytes, static_cast<int>(parts.size()), parts.data(), sizes.data());
  std::string out(bytes, static_cast<std::size_t>(std::max(size, 0)));
  redisFreeCommand(bytes);
  return out;
}

bool begins_with(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

/// What a server says that cannot serve now; and what it says to one who may not ask.
Code code_of(std::string_view refusal) {
  static const Words not_now{"LOADING", "BUSY",       "OOM",      "READONLY",   "MASTERDOWN",
                             "MISCONF", "NOREPLICAS", "TRYAGAIN", "CLUSTERDOWN"};
  static const Words not_you{"NOAUTH", "WRONGPASS", "NOPERM", "ERR The user executing", "ERR ACL", "ERR max number of clients"};
  if (begins_with(refusal, not_now)) return Code::unreachable;
  return begins_with(refusal, not_you) ? Code::config_invalid : Code::defect;
}

Result<Reply> read(const redisReply& reply) {
  Reply out;
  switch (reply.type) {
    case REDIS_REPLY_NIL: out.is_nil = true; return out;
    case REDIS_REPLY_INTEGER: out.number = reply.integer; return out;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: out.text.assign(reply.str, reply.len); return out;
    case REDIS_REPLY_ERROR: return fail(code_of({reply.str, reply.len}), "Redis: {:.200}", std::string(reply.str, reply.len));
    default: return fail(Code::defect, "Redis gave an answer of type {}", reply.type);
  }
}

}  // namespace

Result<Connection> Connection::open(const RedisSettings& settings, const TlsContext* tls, Deadline deadline) {
  auto socket = Socket::connect(settings.host, settings.port, deadline);
  if (!socket) return fail(std::move(socket.error()));
  Connection connection(std::move(*socket));
  connection.reader_ = std::shared_ptr<redisReader>(redisReaderCreate(), redisReaderFree);
  if (tls != nullptr) {
    auto stream = TlsStream::open(*tls, connection.socket_, settings.host, deadline);
    if (!stream) return fail(std::move(stream.error()));
    connection.tls_ = std::move(*stream);
  }
  BS_TRY(connection.sign_in(settings, deadline));
  return connection;
}

Status Connection::sign_in(const RedisSettings& settings, Deadline deadline) {
  std::vector<Command> commands;
  if (!settings.password.empty()) {
    commands.push_back({"AUTH"});
    if (!settings.user.empty()) commands.back().push_back(settings.user);
    commands.back().push_back(settings.password);
  }
  if (settings.database != 0) commands.push_back({"SELECT", std::to_string(settings.database)});
  for (const Command& command : commands) {
    auto done = call(command, deadline);
    // A server without a password, or without this database: nothing that time would heal.
    if (!done && done.error().code == Code::defect) return fail(Code::config_invalid, "{}", done.error().detail);
    if (!done) return fail(std::move(done.error()));
  }
  return {};
}

Status Connection::send(const std::string& bytes, Deadline deadline) {
  return tls_ ? tls_->send(socket_, bytes, deadline) : socket_.send(bytes, deadline);
}
Result<std::string> Connection::receive(Deadline deadline) {
  return tls_ ? tls_->receive(socket_, deadline) : socket_.receive(deadline);
}

Result<Reply> Connection::call(const Command& command, Deadline deadline) {
  sound_ = false;
  BS_TRY(send(written(command), deadline));
  auto* const reader = static_cast<redisReader*>(reader_.get());
  for (void* found = nullptr;;) {
    if (redisReaderGetReply(reader, &found) != REDIS_OK) return fail(Code::unreachable, "not the language of Redis");
    if (found != nullptr) {
      const std::unique_ptr<void, decltype(&freeReplyObject)> reply(found, freeReplyObject);
      sound_ = true;
      return read(*static_cast<redisReply*>(found));
    }
    const auto bytes = receive(deadline);
    if (!bytes) return fail(bytes.error());
    redisReaderFeed(reader, bytes->data(), bytes->size());
  }
}

}  // namespace backstitch::cache
