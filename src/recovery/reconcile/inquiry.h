// Asking systems what they have done: by key, then by business subject; and when their silence means something.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "model/catalog.h"
#include "recovery/reconcile/evidence.h"
#include "stores/systems/port.h"

namespace backstitch::recovery {

/// What a catalog declares of a system, at its address in this installation; none when the catalog does not have it.
std::optional<systems::Target> target_of(const Catalog* catalog, const std::string& system,
                                         const std::map<std::string, std::string>& bases);

/// What was found out about a call.
struct Finding {
  enum class Kind : std::uint8_t {
    known,        // the system said so; the call now stands as it does there
    contradicts,  // the system and our log do not agree, and nobody but a person knows who is right
    running,      // the system is still at it
    resend,       // nothing was found out, and the same key may be sent again
    open,         // nothing was found out
  };
  Kind kind = Kind::open;
  std::string evidence;  // in words
};

class Inquiry {
 public:
  /// `systems` may be null: then nobody is asked. `ours`: does the log know of this effect?
  Inquiry(systems::Systems* systems, Time now, std::function<bool(EffectId)> ours)
      : systems_(systems), now_(now), ours_(std::move(ours)) {}

  /// About a call whose outcome is unknown. `Kind::known`: the call of `item` has been changed to what is known now.
  Finding find_out(ItemEvidence& item, int call, const systems::Target* target);
  /// About a call that is recorded as done: does the system still say so? `Kind::known`: yes.
  Finding confirm(const ItemEvidence& item, int call, const systems::Target* target);

  std::int64_t asked() const { return asked_; }  // calls asked about

 private:
  struct Said {
    systems::LookupResult by_key;
    Result<std::vector<systems::SubjectEffect>> by_subject = tl::unexpected<Error>(Error{Code::unreachable, "not asked", {}});
  };
  Said ask(const ItemEvidence& item, const std::string& key, const systems::Target& target);
  std::string contradiction(const ItemEvidence& item, const Said& said) const;
  bool may_resend(const CallEvidence& call, const systems::Target* target) const;

  systems::Systems* systems_;
  Time now_;
  std::function<bool(EffectId)> ours_;
  std::int64_t asked_ = 0;
};

}  // namespace backstitch::recovery
