// The first line of a stored object, behind which its content stands as it was put:
//
//   backstitch.object/1 sha256=<64 hex digits> bytes=<size>[ put=<16 hex digits>]
//
// It is kept with the content, so that content and checksum change together. `put` is drawn anew for each put: where whether a
// put was done is unknown, the object itself tells; and no content is ever stored twice in the same form.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "stores/objects/port.h"

namespace backstitch::objects {

struct Header {
  ObjectInfo info;
  std::string put;             // empty: none stands there
  std::size_t content_at = 0;  // where the content begins
};

constexpr std::size_t header_bytes_max = 192;

std::string with_header(std::string_view content, std::string_view put = {});
/// `text` is an object or its first header_bytes_max; nothing when it does not begin as an object does.
std::optional<Header> read_header(const std::string& name, std::string_view text);
/// The content of a whole object. Code::checksum_mismatch when it is not what was put; `where` is its place, in words.
Result<std::string> checked_content(const std::string& where, std::string object);

}  // namespace backstitch::objects
