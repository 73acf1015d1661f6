#include "stores/safe/files/line.h"

#include <array>
#include <charconv>

#include "base/hash.h"

namespace backstitch::safe::files {
namespace {

constexpr std::size_t checksum_digits = 16;

char escape_of(char c) {
  switch (c) {
    case '\\': return '\\';
    case '\t': return 't';
    case '\n': return 'n';
    case '\r': return 'r';
    default: return 0;
  }
}

char escaped_by(char c) {
  switch (c) {
    case '\\': return '\\';
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    default: return 0;
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view field) {
  for (const char c : field) {
    const char escape = escape_of(c);
    if (escape) out += '\\';
    out += escape ? escape : c;
  }
}

std::optional<std::string> unescaped(std::string_view field) {
  std::string out;
  out.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\') {
      out += field[i];
      continue;
    }
    const char c = ++i < field.size() ? escaped_by(field[i]) : '\0';
    if (!c) return std::nullopt;
    out += c;
  }
  return out;
}

void append_line(std::string& out, std::uint64_t seed, std::uint64_t number, std::string_view payload) {
  const std::size_t begin = out.size();
  out.append(checksum_digits, '0');
  out += fmt::format("\t{}\t", number);
  out += payload;
  const std::string_view covered = std::string_view(out).substr(begin + checksum_digits);
  out.replace(begin, checksum_digits, digest64_text(digest64(covered, seed)));
  out += '\n';
}

std::optional<Line> read_line(std::string_view text, std::uint64_t seed) {
  if (text.size() < checksum_digits + 3) return std::nullopt;
  const std::string_view covered = text.substr(checksum_digits);
  if (digest64_text(digest64(covered, seed)) != text.substr(0, checksum_digits)) return std::nullopt;
  Line line;
  const char* const last = covered.data() + covered.size();
  const auto [end, error] = std::from_chars(covered.data() + 1, last, line.number);
  if (error != std::errc() || end == last || *end != '\t') return std::nullopt;
  line.payload = std::string_view(end + 1, static_cast<std::size_t>(last - end - 1));
  return line;
}

std::string record_payload(const queue::Record& record) {
  std::string out = rfc3339(record.appended);
  out.reserve(out.size() + record.key.size() + record.schema.size() + record.headers.size() + record.value.size() + 16);
  for (const std::string* field : {&record.key, &record.schema, &record.headers, &record.value}) {
    out += '\t';
    append_escaped(out, *field);
  }
  return out;
}

std::optional<queue::Record> record_of(const Line& line) {
  std::array<std::string_view, 5> fields;
  std::string_view rest = line.payload;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t tab = rest.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == fields.size())) return std::nullopt;
    fields[i] = rest.substr(0, tab);
    rest.remove_prefix(tab == std::string_view::npos ? rest.size() : tab + 1);
  }
  const auto appended = parse_rfc3339(fields[0]);
  auto key = unescaped(fields[1]), schema = unescaped(fields[2]), headers = unescaped(fields[3]), value = unescaped(fields[4]);
  if (!appended || !key || !schema || !headers || !value) return std::nullopt;
  return queue::Record{line.number, *appended, std::move(*key), std::move(*schema), std::move(*headers), std::move(*value)};
}

}  // namespace backstitch::safe::files
