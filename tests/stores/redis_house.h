// A real Redis for the tests of this folder, and another client of it.
#pragma once
#include <gtest/gtest.h>

#include "base/testing.h"
#include "server.h"
#include "stores/cache/redis/redis_cache.h"

namespace backstitch::servers {

class RedisHouse {
 public:
  explicit RedisHouse(std::vector<std::string> options = {}) : server(start(std::move(options))) {
    settings.port = server.port();
  }
  std::unique_ptr<cache::Cache> open() const {
    auto cache = cache::open_redis_cache(settings);
    EXPECT_TRUE(cache) << (cache ? "" : cache.error().text());
    return std::move(*cache);
  }
  /// What redis-cli says, without the last line break.
  std::string cli(std::vector<std::string> words) const {
    words.insert(words.begin(), {"redis-cli", "-p", std::to_string(server.port())});
    const auto done = backstitch::run({.argv = words}, 10'000);
    EXPECT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
    std::string out = done ? done->out : "";
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }

  testing::ScratchFolder folder;
  Server server;
  cache::RedisSettings settings;

 private:
  Server start(std::vector<std::string> options) {
    auto started = Server::start("redis", folder / "redis", free_ports(1), std::move(options));
    if (!started) throw std::runtime_error(started.error().text());
    return std::move(*started);
  }
};

}  // namespace backstitch::servers
