// Identity is derived, never drawn (law 4): a row id is a function of what the thing is, with the order's own time in
// front so that keys stay local; what the outside sees (effect keys) holds no time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"

namespace backstitch {

/// 48 bits ms of the order | 32 bits SHA-256(source, source order id, version) | 48 bits 0. `salt` > 0 only after a collision.
OrderId derive_order_id(Time order_time, std::string_view source, std::string_view source_order_id, int version, int salt = 0);

/// The order's 80 bits with 48 bits of SHA-256(kind, definition key, scope instance, introducing version) behind.
Bits128 derive_child(OrderId order, std::string_view kind, std::string_view definition_key, std::string_view scope_instance,
                     int version);

/// Every row of an order lies in [id, id | 0xffffffffffff].
OrderId order_of(Bits128 child);
inline bool belongs_to(Bits128 child, OrderId order) { return order_of(child) == order; }

/// SHA-256 over (source, source order id, introducing version, plan/item key, scope key, role): time-free.
EffectId derive_effect_id(std::string_view source, std::string_view source_order_id, int version, std::string_view item_key,
                          std::string_view scope_key, std::string_view role = "original");

/// "eff_….3": the key of one call.
struct CallKey {
  EffectId effect;
  int call = 1;
  auto operator<=>(const CallKey&) const = default;
  std::string text() const;
  static Result<CallKey> parse(std::string_view text);
};

/// Row ids of the account's things: hash(account, kind, reference) with no order in front.
Bits128 derive_account_child(std::string_view account, std::string_view kind, std::string_view reference);

/// SHA-256(account) mod count.
Partition partition_of(std::string_view account, int count);

}  // namespace backstitch
