// A strict node of Riak behind a port, and a cache on it.
#pragma once
#include <gtest/gtest.h>

#include "contract/cache_contract.h"
#include "standins/riak/node.h"
#include "stores/cache/riak/riak_cache.h"
#include "stores/cache/riak/riak_objects.h"

namespace backstitch::cache {

/// A cache, so that the contract can be asked of it. Clients of the same node are made by open().
class RiakHouse : public Cache {
 public:
  explicit RiakHouse(std::set<standin::RiakFlaw> flaws = {}, standin::RiakNode::Settings node_settings = {})
      : node((node_settings.flaws = std::move(flaws), node_settings)),
        wire([this](const standin::WireRequest& request) { return node.handle(request); }) {
    settings.url = fmt::format("http://127.0.0.1:{}", wire.port());
    // Where no write changes a generation, nothing but the end of its time ends a switch.
    const bool stuck = node.has(standin::RiakFlaw::loses_writes) || node.has(standin::RiakFlaw::keeps_the_first);
    settings.timeout_ms = stuck ? 30 : 1'000;
    cache = open();
  }
  std::unique_ptr<Cache> open() const { return open_riak_cache(settings).value(); }
  std::int64_t soon() const { return monotonic_ms() + 2'000; }
  RiakPlace place(Generation number, const std::string& key) const {
    return {"grants", "backstitch", fmt::format("{}:{}", number, key)};
  }

  Result<Generation> generation(const std::string& space) override { return cache->generation(space); }
  Result<Generation> switch_generation(const std::string& space) override { return cache->switch_generation(space); }
  Result<bool> put(const std::string& space, Generation made_in, const std::string& key, const std::string& value, Time now,
                   std::int64_t ttl_ms) override {
    return cache->put(space, made_in, key, value, now, ttl_ms);
  }
  Result<std::optional<std::string>> get(const std::string& space, const std::string& key, Time now) override {
    return cache->get(space, key, now);
  }
  Status remove(const std::string& space, const std::string& key) override { return cache->remove(space, key); }

  standin::RiakNode node;
  standin::Wire wire;
  RiakSettings settings;
  std::unique_ptr<Cache> cache;
};

}  // namespace backstitch::cache
