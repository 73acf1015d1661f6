#include "stores/cache/redis/redis_cache.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "stores/cache/entry.h"
#include "stores/cache/redis/connection.h"
#include "stores/cache/redis/scripts.h"

namespace backstitch::cache {
namespace {

constexpr std::size_t idle_max = 32;

class RedisCache : public Cache {
 public:
  RedisCache(RedisSettings settings, std::shared_ptr<const TlsContext> tls)
      : settings_(std::move(settings)), tls_(std::move(tls)) {}

  Result<Generation> generation(const std::string& space) override { return number_of(space, scripts::generation); }
  Result<Generation> switch_generation(const std::string& space) override { return number_of(space, scripts::switch_generation); }
  Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value, Time now,
                   std::int64_t ttl_ms) override {
    BS_ASSERT(ttl_ms > 0, "an entry lives for some time");
    auto kept = run(space, scripts::put,
                    {std::to_string(made_in), key, entry_text({now.plus_ms(ttl_ms), value}), std::to_string(ttl_ms)});
    if (!kept) return fail(std::move(kept.error()));
    return kept->number == 1;
  }
  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    auto text = run(space, scripts::get, {key});
    if (!text) return fail(std::move(text.error()));
    auto entry = text->is_nil ? std::nullopt : read_entry(text->text);
    if (!entry || entry->expires <= now) return std::nullopt;
    return std::move(entry->value);
  }
  Status remove(const std::string& space, const std::string& key) override {
    auto done = run(space, scripts::remove, {key});
    return done ? Status() : fail(std::move(done.error()));
  }

 private:
  Result<Generation> number_of(const std::string& space, const std::string& script) {
    auto number = run(space, script, {});
    if (!number) return fail(std::move(number.error()));
    const auto generation = static_cast<Generation>(number->number);
    const std::lock_guard lock(mutex_);
    seen_[space] = std::max(seen_[space], generation);
    return generation;
  }
  Generation seen(const std::string& space) {
    const std::lock_guard lock(mutex_);
    return seen_[space];
  }

  Result<Reply> run(const std::string& space, const std::string& script, const Command& more) {
    BS_ASSERT(!space.empty() && space.find(':') == std::string::npos, "keys of two spaces must not meet");
    Command command{"EVAL", script, "0", settings_.prefix + ":" + space + ":", std::to_string(seen(space))};
    command.insert(command.end(), more.begin(), more.end());
    const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(settings_.timeout_ms);
    auto connection = take(deadline);
    if (!connection) return said(connection.error());
    auto reply = connection->call(command, deadline);
    if (connection->is_sound()) give_back(std::move(*connection));
    if (!reply) return said(reply.error());
    return reply;
  }
  tl::unexpected<Error> said(const Error& error) const {
    return fail(error.code, "cache at {}:{}: {}", settings_.host, settings_.port, error.detail);
  }

  /// One that nobody uses, as long as its server has not closed it; else a new one.
  Result<Connection> take(Deadline deadline) {
    {
      const std::lock_guard lock(mutex_);
      while (!idle_.empty()) {
        Connection connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection.is_quiet()) return connection;
      }
    }
    return Connection::open(settings_, tls_.get(), deadline);
  }
  void give_back(Connection connection) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_max) idle_.push_back(std::move(connection));
  }

  const RedisSettings settings_;
  const std::shared_ptr<const TlsContext> tls_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
  std::map<std::string, Generation> seen_;
};

}  // namespace

Result<std::unique_ptr<Cache>> open_redis_cache(const RedisSettings& settings) {
  std::shared_ptr<const TlsContext> tls;
  if (settings.tls) {
    auto made = TlsContext::make(settings);
    if (!made) return fail(std::move(made.error()));
    tls = std::move(*made);
  }
  return std::make_unique<RedisCache>(settings, std::move(tls));
}

}  // namespace backstitch::cache
