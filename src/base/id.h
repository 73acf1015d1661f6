// Strong 128-bit ids. An id is derived from what the thing is (model/identity.h), never drawn.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch {

/// 128 bits, big-endian order: comparing hi then lo equals comparing the bytes (and PostgreSQL's uuid order).
struct Bits128 {
  std::uint64_t hi = 0, lo = 0;
  auto operator<=>(const Bits128&) const = default;
  bool is_zero() const { return hi == 0 && lo == 0; }
};

std::string uuid_text(Bits128 bits);  // 8-4-4-4-12, lower case
Result<Bits128> parse_uuid(std::string_view text);
std::string crockford(Bits128 bits);                     // 26 characters, upper case
Result<Bits128> parse_crockford(std::string_view text);  // accepts lower case, i l o as 1 1 0

template <class Tag>
struct Id {
  Bits128 bits;
  auto operator<=>(const Id&) const = default;
  bool is_zero() const { return bits.is_zero(); }
  std::string text() const { return std::string(Tag::prefix) + crockford(bits); }
  /// Accepts the prefixed text and the plain uuid.
  static Result<Id> parse(std::string_view text) {
    if (text.starts_with(Tag::prefix)) {
      auto bits = parse_crockford(text.substr(std::string_view(Tag::prefix).size()));
      if (!bits) return fail(std::move(bits.error()));
      return Id{*bits};
    }
    auto bits = parse_uuid(text);
    if (!bits) return fail(std::move(bits.error()));
    return Id{*bits};
  }
};

#define BACKSTITCH_ID(Name, text)               \
  struct Name##Tag {                            \
    static constexpr const char* prefix = text; \
  };                                            \
  using Name = Id<Name##Tag>
BACKSTITCH_ID(OrderId, "ord_");
BACKSTITCH_ID(OrderItemId, "oit_");
BACKSTITCH_ID(DownstreamOrderId, "dor_");
BACKSTITCH_ID(DownstreamItemId, "doi_");
BACKSTITCH_ID(PlanId, "pln_");
BACKSTITCH_ID(ItemId, "itm_");
BACKSTITCH_ID(InventoryId, "inv_");
BACKSTITCH_ID(AssetId, "ast_");
BACKSTITCH_ID(CommandId, "cmd_");
BACKSTITCH_ID(EffectId, "eff_");
#undef BACKSTITCH_ID

using Partition = int;  // 0 … partitions-1

}  // namespace backstitch

template <>
struct std::hash<backstitch::Bits128> {
  std::size_t operator()(const backstitch::Bits128& b) const noexcept { return b.hi * 0x9E3779B97F4A7C15ull ^ b.lo; }
};
template <class Tag>
struct std::hash<backstitch::Id<Tag>> {
  std::size_t operator()(const backstitch::Id<Tag>& id) const noexcept { return std::hash<backstitch::Bits128>{}(id.bits); }
};
