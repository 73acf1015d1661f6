// Names of enum values, as the domain writes them; one small table per enum, read in both directions.
#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace backstitch {

template <class Enum>
struct Named {
  Enum value;
  const char* name;
};

template <class Enum, std::size_t count>
constexpr const char* name_in(const Named<Enum> (&table)[count], Enum value) {
  for (const auto& entry : table)
    if (entry.value == value) return entry.name;
  return "";
}

template <class Enum, std::size_t count>
constexpr std::optional<Enum> value_in(const Named<Enum> (&table)[count], std::string_view name) {
  for (const auto& entry : table)
    if (name == entry.name) return entry.value;
  return std::nullopt;
}

}  // namespace backstitch
