// Going back as an operator does it: by command line, on a world that somebody has damaged.
#pragma once
#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/probe.h"
#include "world.h"

namespace backstitch::e2e {

/// `backstitch --data DIR --json WORDS`: exit status and document (null when it printed none).
struct Spoken {
  int exit_status = 0;
  boost::json::value document;
  std::string err;
  boost::json::value data() const;
  std::string code() const;  // of its error: "BS-6006"; empty when it succeeded
};
Spoken speak(World& world, std::vector<std::string> words, int timeout_ms = 240'000);

/// Runs SQL as somebody who is not the platform; the role is made when it is missing.
void write_past_the_engine(World& world, const std::string& role, const std::string& sql);

/// Account → digest of its rows, of the database that the platform serves.
std::map<std::string, std::uint64_t> account_digests(World& world);

/// Plans and returns the recovery's id; `words` go to recover plan.
std::string plan_recovery(World& world, std::vector<std::string> words = {});
/// `recover start` with --no-up, so that the world itself starts the platform again.
Spoken go_back(World& world, const std::string& id, const std::string& until = "");
/// `backstitch --data DIR WORDS` with a probe; its exit status: 137 when the probe killed it.
int die_at(World& world, Probe probe, int hit, std::vector<std::string> words);
/// What its report says does not close, in words; for the message of a test that fails.
std::string faults_of(World& world, const std::string& id);
/// What a step of it has noted.
boost::json::value result_of(World& world, const std::string& id, const std::string& step);
/// Starts of each step, by name.
std::map<std::string, int> starts_of(World& world, const std::string& id);

}  // namespace backstitch::e2e
