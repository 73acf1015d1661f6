#include "model/identity.h"

#include <charconv>

#include "base/hash.h"
#include "base/probe.h"

namespace backstitch {
namespace {
constexpr std::uint64_t low_48 = 0xffffffffffffull;
}

OrderId derive_order_id(Time order_time, std::string_view source, std::string_view source_order_id, int version, int salt) {
  const std::string version_text = std::to_string(version), salt_text = std::to_string(salt);
  const Bits128 hash = first_128(salt == 0 ? sha256_parts({source, source_order_id, version_text})
                                           : sha256_parts({source, source_order_id, version_text, salt_text}));
  const std::uint64_t ms = static_cast<std::uint64_t>(order_time.ms()) & low_48, hash_32 = hash.hi >> 32;
  return {{ms << 16 | hash_32 >> 16, (hash_32 & 0xffff) << 48}};
}

Bits128 derive_child(OrderId order, std::string_view kind, std::string_view definition_key, std::string_view scope_instance,
                     int version) {
  // Guard out: ids are drawn, so a replay gives the same thing another name.
  if (!guarded(Guard::derived_ids)) return {order.bits.hi, order.bits.lo | (first_128(sha256(random_hex(16))).lo & low_48)};
  const Bits128 hash = first_128(sha256_parts({kind, definition_key, scope_instance, std::to_string(version)}));
  std::uint64_t tail = hash.hi & low_48;
  if (tail == 0) tail = 1;  // 0 is the order's own
  return {order.bits.hi, order.bits.lo | tail};
}

OrderId order_of(Bits128 child) { return {{child.hi, child.lo & ~low_48}}; }

EffectId derive_effect_id(std::string_view source, std::string_view source_order_id, int version, std::string_view item_key,
                          std::string_view scope_key, std::string_view role) {
  if (!guarded(Guard::derived_ids)) return {first_128(sha256(random_hex(16)))};
  return {first_128(sha256_parts({source, source_order_id, std::to_string(version), item_key, scope_key, role}))};
}

std::string CallKey::text() const { return effect.text() + "." + std::to_string(call); }

Result<CallKey> CallKey::parse(std::string_view text) {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return fail(Code::usage, "\"{}\" is not an effect key", text);
  const auto effect = EffectId::parse(text.substr(0, dot));
  int call = 0;
  const auto [end, ec] = std::from_chars(text.data() + dot + 1, text.data() + text.size(), call);
  if (!effect || ec != std::errc() || end != text.data() + text.size() || call < 1)
    return fail(Code::usage, "\"{}\" is not an effect key", text);
  return CallKey{*effect, call};
}

Bits128 derive_account_child(std::string_view account, std::string_view kind, std::string_view reference) {
  return first_128(sha256_parts({account, kind, reference}));
}

Partition partition_of(std::string_view account, int count) {
  return static_cast<Partition>(first_128(sha256(account)).hi % static_cast<std::uint64_t>(count));
}

}  // namespace backstitch
