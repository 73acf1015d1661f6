// The platform as anybody has it: a program with a command line, and an HTTP interface.
#pragma once
#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/net/http_client.h"
#include "base/process.h"

namespace backstitch::demo {

/// `backstitch WORDS`; at most timeout_ms. Any exit status is an answer here. `before`: words that begin the command elsewhere.
Result<Finished> run_backstitch(const std::vector<std::string>& words, std::int64_t timeout_ms,
                                const std::vector<std::string>& before = {});

/// Where a platform of several hosts is commanded, and who the others are. All empty: there is one, here.
struct Place {
  std::vector<std::string> before;  // words that begin a command there
  std::vector<std::string> others;  // data folders
};

/// Of the platform with this data folder.
std::vector<ProcessId> workers_in(const std::string& data);

/// One thread.
class Platform {
 public:
  Platform(std::string data, int port_base, Place place = {})
      : data_(std::move(data)), port_base_(port_base), place_(std::move(place)) {}

  const std::string& data() const { return data_; }
  /// What begins a command where the platform is.
  const std::vector<std::string>& before() const { return place_.before; }
  std::string endpoints_file() const { return data_ + "/run/endpoints.json"; }

  /// Starts it, or starts it again after its death. Code::process_failed with the words of the command.
  Status up();
  /// Stops what runs; with `purge` nothing stays, neither here nor outside the data folder. No error when nothing runs.
  Status down(bool purge);
  /// `backstitch --data DIR --json WORDS`: its document, with ok, data and notices. Code::process_failed unless the exit status
  /// is 0 or 1.
  Result<boost::json::object> command(std::vector<std::string> words, std::int64_t timeout_ms = 120'000);
  /// `path` without /api/v1; a lost answer is asked for again after the addresses were read again.
  Result<boost::json::value> get(const std::string& path, int attempts_max = 20);
  /// All pages of a list.
  Result<boost::json::array> list(const std::string& path);
  /// Answers in the order of `paths`, several asked at once; null where there was no 200.
  std::vector<boost::json::value> get_all(const std::vector<std::string>& paths);
  std::string database_connection() const;  // for psql
  std::string api() const;                  // its address; empty when it is not served
  std::vector<std::string> other_apis() const;

  std::optional<ProcessId> serve() const;
  std::vector<ProcessId> workers() const;  // of all hosts
  std::optional<ProcessId> postmaster() const;

 private:
  std::string endpoint(const char* name, const std::string& data) const;  // empty when it is not served
  const std::string data_;
  const int port_base_;
  const Place place_;
  HttpClient http_;
};

}  // namespace backstitch::demo
