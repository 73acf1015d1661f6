// The system's HTTP face: four interfaces, the settling hook, and the ledger for whoever judges.
//
//   POST /{interface}/v1/{operation}            with Idempotency-Key, Backstitch-Subject, Backstitch-Epoch;
//                                              for /later with Callback-Url, too
//   GET  /{interface}/effects/{key}             GET /{interface}/effects?subject=
//   POST /{interface}/effects/{key}/accept|redo|cancel
//   GET  /ledger/summary                        GET /ledger/subjects?executed=2[&interface=keyed]
//   GET  /faults                                POST /faults {"keyed":{"lost":0.1}}
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "standins/system/callbacks.h"
#include "standins/system/interface.h"

namespace backstitch::standin {

struct SystemSettings {
  std::string data;
  std::uint64_t seed = 1;
  std::int64_t key_lifetime_ms = 24 * 3'600'000;
  std::int64_t look_up_lag_ms = 200;
  std::map<std::string, Faults> faults;  // by interface
};

class SystemApi {
 public:
  /// Rebuilds what the system knows from its ledger, and goes on calling back. Code::file_failed, Code::json_invalid.
  static Result<std::unique_ptr<SystemApi>> open(const SystemSettings& settings);

  /// An answer leaves here only when everything it may rest on is on the disk.
  HttpResponse handle(const HttpRequest& request);

 private:
  using Path = std::vector<std::string>;
  Interface* find(std::string_view name);  // null when there is none
  HttpResponse route(const HttpRequest& request);
  HttpResponse route_interface(Interface& interface, const HttpRequest& request, const Path& path);
  HttpResponse route_effects(Interface& interface, const HttpRequest& request, const Path& path);
  HttpResponse summary() const;
  HttpResponse subjects(const HttpRequest& request) const;
  HttpResponse faults() const;
  HttpResponse change_faults(const HttpRequest& request);

  std::unique_ptr<Ledger> ledger_;
  std::vector<std::unique_ptr<Interface>> interfaces_;
  std::unique_ptr<Callbacks> callbacks_;  // ends first: it works on both
};

}  // namespace backstitch::standin
