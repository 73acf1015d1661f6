// The platform as users run it, driven by a bench: own process, worker processes, private PostgreSQL with fsync on, a stand-in
// system; orders come over HTTP from the same machine. Whatever fails ends the program in words.
#pragma once
#include <string>

#include "base/net/http_client.h"
#include "base/process.h"

namespace backstitch::bench {

struct Options {
  std::string binary, standin, catalog = "catalogs/bench/catalog.json";
  std::string more;  // of the configuration, as YAML
  int orders = 2000, batch = 50, connections = 8;
};
/// Both programs are looked for beside this one.
Options parse(int count, char** words);

struct Platform {
  std::string binary, folder, api, postgres;
  ProcessId serve, standin;
  std::string data() const { return folder + "/data"; }
};

/// Says why, and ends the platform and everything it has started.
[[noreturn]] void die(const std::string& why);

/// One at a time.
Platform start_platform(const Options& options);
/// The addresses that it says itself, once it is ready with its workers.
void await_ready(Platform& platform);
/// Also one that a recovery has started again; and removes its folder.
void stop_platform(const Platform& platform);

void load_catalog(const Platform& platform, const Options& options);
/// `count` orders of this product, over as many connections as the options say. The prefix tells runs apart.
void submit_all(const Platform& platform, const Options& options, const std::string& product, const std::string& prefix,
                int count);
/// Until so many orders are Activated, none is open and nothing waits.
void await_activated(const Platform& platform, int count);
/// The first line of psql's answer.
std::string sql(const Platform& platform, const std::string& text);

}  // namespace backstitch::bench
