// Texts as people read them.
#pragma once
#include <cstddef>
#include <string_view>

namespace backstitch {

/// The beginning of a UTF-8 text, of at most so many bytes, that ends between two characters.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace backstitch
