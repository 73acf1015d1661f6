// "Did you mean …?" for an unknown name.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace backstitch {

/// The candidate with the fewest edits (at most a third of the word, at least 2); empty when none is near. The first one wins a
/// tie.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace backstitch
