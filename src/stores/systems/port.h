// External systems: one call, and the settling hook (interfaces 6). A call is never repeated by this layer.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/input.h"

namespace backstitch::systems {

struct Target {
  std::string base;  // http://127.0.0.1:8490/keyed
  std::string method, path;
  bool idempotent = false, lookup = false;
  std::int64_t key_lifetime_ms = 0, settling_time_ms = 0;
  bool cancel = false;        // what was done can be taken back
  bool asynchronous = false;  // it may answer 202, and call back when it has ended
};

struct CallRequest {
  Target target;
  std::string key, subject, body;
  std::string callback_url;  // of an asynchronous call
  std::uint64_t epoch = 1;
  std::int64_t timeout_ms = 30'000;
};

/// accepted: 202 of an asynchronous call · done: any other 2xx · refused: a 4xx that is a decision · not-taken: provably not
/// accepted (no connection, 429, 503) · unknown: everything else, also an answer that got lost.
struct CallResult {
  CallOutcome outcome = CallOutcome::unknown;
  std::string code;      // "keyed/422"
  std::string response;  // JSON or empty
};

/// absent and expired only when the system says so; no answer and an answer nobody understands are unknown.
enum class LookupState : std::uint8_t { done, failed, running, absent, expired, unknown };
struct LookupResult {
  LookupState state = LookupState::unknown;
  std::string response;
  std::string digest = {};  // of the request that the system executed or refused, as marks hold it; empty: it does not say
};

/// What a system knows of a business subject, whatever the key.
struct SubjectEffect {
  std::string key;
  LookupState state = LookupState::unknown;
  std::string digest, response;
  Time at;  // by the system's clock; not set: it does not say
};

enum class SettleVerb : std::uint8_t { accept, redo, cancel };
const char* to_text(SettleVerb verb);

class Systems {
 public:
  virtual ~Systems() = default;
  /// Returns at once. `done` is called exactly once; it runs on a thread of the adapter and must not block.
  virtual void call(const CallRequest& request, std::function<void(CallResult)> done) = 0;
  /// Blocks for as long as the system takes, at most some seconds.
  virtual LookupResult look_up(const Target& target, const std::string& key) = 0;
  /// All effects of a subject, in the order of the system; empty only when the system says so. Code::unreachable when it gives no
  /// answer, or one that is not whole. Blocks like a look-up.
  virtual Result<std::vector<SubjectEffect>> look_up_subject(const Target& target, const std::string& subject) = 0;
  /// Tells the system what becomes of an effect. Sent once: Code::unknown_outcome when no answer came, decision_invalid when the
  /// system will not. A verb that was carried out may be told again. Blocks like a look-up.
  virtual Status settle(const Target& target, const std::string& key, SettleVerb verb) = 0;
};

std::unique_ptr<Systems> open_http_systems();

}  // namespace backstitch::systems
