#include "stores/objects/header.h"

#include <charconv>

#include "base/hash.h"

namespace backstitch::objects {
namespace {

constexpr std::string_view first_words = "backstitch.object/1 sha256=", size_words = " bytes=", put_words = " put=";
constexpr std::size_t sha256_digits = 64;

std::string line_of(const Header& header) {
  std::string line = fmt::format("{}{}{}{}", first_words, header.info.sha256, size_words, header.info.size_bytes);
  if (!header.put.empty()) line += std::string(put_words) + header.put;
  return line + "\n";
}

}  // namespace

std::string with_header(std::string_view content, std::string_view put) {
  Header header{{{}, content.size(), sha256_hex(content)}, std::string(put), 0};
  std::string object = line_of(header);
  object.reserve(object.size() + content.size());
  return object += content;
}

std::optional<Header> read_header(const std::string& name, std::string_view text) {
  const std::size_t newline = text.substr(0, header_bytes_max).find('\n');
  const std::size_t size_at = first_words.size() + sha256_digits + size_words.size();
  if (newline == std::string_view::npos || newline <= size_at || !text.starts_with(first_words)) return std::nullopt;
  Header header{{name, 0, std::string(text.substr(first_words.size(), sha256_digits))}, {}, newline + 1};
  const char* const last = text.data() + newline;
  const auto [behind, error] = std::from_chars(text.data() + size_at, last, header.info.size_bytes);
  const std::string_view rest(behind, static_cast<std::size_t>(last - behind));
  if (rest.starts_with(put_words)) header.put = rest.substr(put_words.size());
  if (error != std::errc() || text.substr(0, newline + 1) != line_of(header)) return std::nullopt;
  return header;
}

Result<std::string> checked_content(const std::string& where, std::string object) {
  const auto header = read_header({}, object);
  if (!header) return fail(Code::checksum_mismatch, "{} does not begin as an object does", where);
  object.erase(0, header->content_at);
  if (object.size() != header->info.size_bytes || sha256_hex(object) != header->info.sha256)
    return fail(Code::checksum_mismatch, "{} is not what was put", where);
  return object;
}

}  // namespace backstitch::objects
