#include "base/net/xml.h"

#include <array>
#include <charconv>
#include <utility>

namespace backstitch {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

/// Names of keys that we make are ASCII; a number beyond is none of ours.
char character_of(std::string_view entity) {
  for (const auto& [name, character] : entities)
    if (name == entity) return character;
  if (!entity.starts_with('#')) return '?';
  const bool hexadecimal = entity.starts_with("#x") || entity.starts_with("#X");
  entity.remove_prefix(hexadecimal ? 2 : 1);
  int number = 0;
  const auto [behind, error] = std::from_chars(entity.data(), entity.data() + entity.size(), number, hexadecimal ? 16 : 10);
  return error == std::errc() && behind == entity.data() + entity.size() && number > 0 && number < 128 ? static_cast<char>(number)
                                                                                                       : '?';
}

std::string resolved(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
    out += end == std::string_view::npos ? text[at] : character_of(text.substr(at + 1, end - at - 1));
    if (end != std::string_view::npos) at = end;
  }
  return out;
}

}  // namespace

std::vector<std::string_view> xml_elements(std::string_view text, std::string_view name) {
  std::vector<std::string_view> found;
  const std::string begin = "<" + std::string(name), end = "</" + std::string(name) + ">";
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
    at += begin.size();
    const std::size_t behind = text.find('>', at);
    if (behind == std::string_view::npos) break;
    if (behind != at && text[at] != ' ' && text[at] != '/') continue;  // a longer name
    if (text[behind - 1] == '/') {                                     // <name/>
      found.emplace_back();
      continue;
    }
    const std::size_t last = text.find(end, behind);
    if (last == std::string_view::npos) break;
    found.push_back(text.substr(behind + 1, last - behind - 1));
    at = last + end.size();
  }
  return found;
}

std::string xml_text(std::string_view text, std::string_view name) {
  const auto found = xml_elements(text, name);
  return found.empty() ? "" : resolved(found.front());
}

}  // namespace backstitch
