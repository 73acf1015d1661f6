// What the person asked of the demo.
#pragma once
#include <cstdint>
#include <string>

namespace backstitch::demo {

struct Options {
  int orders = 1'000;      // of the org; the independent client submits a tenth more
  std::uint64_t seed = 1;  // of orders, faults and kills
  std::string catalog = "catalogs/quantumbit";
  std::string scripts = "scripts";  // where compare_ledgers.sh lies
  std::string check;                // folder of a kept demo: compare again, run nothing
  int kills = 8;
  int spread_s = 8;                    // what is broken finds orders on their way for so long
  std::string corruption = "bad-sql";  // a file of `corruptions`; "none": nothing is broken, and nothing recovered
  std::string corruptions = "demo/corruptions";
  std::string html;                      // where the page goes; empty: into the demo's own folder
  std::string stores;                    // "kafka,redis,s3": others instead of what is embedded; docs/guide/stores.md
  std::string policy = "settle";         // or "fatally-fail"
  std::int64_t settle_ms_max = 120'000;  // from the last kill to the end of the last order
  bool hosts = false;                    // three of them, in network namespaces; hosts, cables and servers fail by plan
  bool json = false, keep = false;

  int client_orders() const { return orders < 10 ? 1 : orders / 10; }
};

}  // namespace backstitch::demo
