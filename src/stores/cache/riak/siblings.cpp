#include "stores/cache/riak/siblings.h"

#include <algorithm>

#include "stores/cache/entry.h"

namespace backstitch::cache {
namespace {

constexpr std::string_view line_end = "\r\n";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// A part begins behind the boundary's line: headers, an empty line, the body.
std::optional<Sibling> read_part(std::string_view part) {
  const auto end = part.find("\r\n\r\n");
  if (!part.starts_with(line_end) || end == std::string_view::npos) return std::nullopt;
  const std::string headers = lower(part.substr(0, end + line_end.size()));
  return Sibling{std::string(part.substr(end + 4)), headers.find("\r\nx-riak-deleted: true\r\n") != std::string::npos};
}

}  // namespace

std::optional<std::vector<Sibling>> read_siblings(std::string_view content_type, std::string_view body) {
  constexpr std::string_view mark = "boundary=";
  const auto at = content_type.find(mark);
  if (!lower(content_type).starts_with("multipart/mixed") || at == std::string_view::npos) return std::nullopt;
  const std::string boundary = "\r\n--" + std::string(content_type.substr(at + mark.size()));
  std::vector<Sibling> siblings;
  for (auto begin = body.find(boundary); begin != std::string_view::npos;) {
    begin += boundary.size();
    if (body.substr(begin).starts_with("--")) return siblings;
    const auto next = body.find(boundary, begin);
    auto part = read_part(body.substr(begin, next - begin));
    if (next == std::string_view::npos || !part) return std::nullopt;
    siblings.push_back(std::move(*part));
    begin = next;
  }
  return std::nullopt;
}

std::optional<std::string> agreed_value(const std::vector<Sibling>& siblings, Time now) {
  std::optional<Entry> agreed;
  for (const Sibling& sibling : siblings) {
    auto entry = sibling.removed ? std::nullopt : read_entry(sibling.body);
    if (!entry || (agreed && agreed->value != entry->value)) return std::nullopt;
    if (agreed) entry->expires = std::min(entry->expires, agreed->expires);
    agreed = std::move(entry);
  }
  if (!agreed || agreed->expires <= now) return std::nullopt;
  return std::move(agreed->value);
}

}  // namespace backstitch::cache
