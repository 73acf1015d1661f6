#include "base/json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/assert.h"

namespace backstitch {
namespace json = boost::json;

namespace {

/// What the grammar allows and we do not: Boost reads 1e999 as infinity, which no JSON can hold; U+0000 no database can store.
/// Null when there is nothing of the kind.
const char* unusable(const json::value& value) {
  constexpr const char* nul = "U+0000 in a text";
  if (const double* number = value.if_double()) return std::isfinite(*number) ? nullptr : "a number is too large for a double";
  if (const json::string* text = value.if_string()) return text->find('\0') == json::string::npos ? nullptr : nul;
  if (const json::array* array = value.if_array())
    for (const json::value& element : *array)
      if (const char* why = unusable(element)) return why;
  if (const json::object* object = value.if_object())
    for (const auto& member : *object) {
      if (member.key().find('\0') != json::string_view::npos) return nul;
      if (const char* why = unusable(member.value())) return why;
    }
  return nullptr;
}

/// Takes what a parser finds, and objects only to what unusable() does.
struct Examiner {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1), max_array_size = max_object_size,
                               max_key_size = max_object_size, max_string_size = max_object_size;
  bool holds_nul = false;

  bool take(json::string_view part, json::error_code&) {
    holds_nul |= part.find('\0') != json::string_view::npos;
    return true;
  }
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t, json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code& error) { return take(part, error); }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) { return take(part, error); }
  bool on_string_part(json::string_view part, std::size_t, json::error_code& error) { return take(part, error); }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) { return take(part, error); }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double number, json::string_view, json::error_code&) { return std::isfinite(number); }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  if (text.size() > (8u << 20)) return fail(Code::body_too_large, "{} bytes", text.size());
  json::parse_options options;
  options.max_depth = 64;
  json::stream_parser parser({}, options);
  json::error_code ec;
  const std::size_t read = parser.write(json::string_view(text.data(), text.size()), ec);
  if (!ec) parser.finish(ec);
  if (ec) return fail(Code::json_invalid, "at byte {}: {}", read, ec.message());
  json::value value = parser.release();
  if (const char* why = unusable(value)) return fail(Code::json_invalid, "{}", why);
  return value;
}

bool is_json(std::string_view text) {
  if (text.size() > (8u << 20)) return false;
  json::parse_options options;
  options.max_depth = 64;
  json::basic_parser<Examiner> parser(options);
  json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  return !error && read == text.size() && !parser.handler().holds_nul;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (byte < 0x20) {
          out += "\\u00";
          out += hex[byte >> 4];
          out += hex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// ECMAScript's Number::toString, which RFC 8785 prescribes: shortest digits, plain up to 1e21, else 1e+21.
void append_json_number(std::string& out, double number) {
  BS_ASSERT(std::isfinite(number), "JSON has no such number; parse_json lets none in");
  if (number == 0) {
    out += '0';
    return;
  }
  char buffer[32];
  auto [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.front() == '-') out += '-', text.remove_prefix(1);
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 1) digits += text.substr(2, e - 2);
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  const int count = static_cast<int>(digits.size()), point = exponent + 1;
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) out += "." + digits.substr(1);
    out += point - 1 > 0 ? "e+" : "e";
    out += std::to_string(point - 1);
  }
}

namespace {

// RFC 8785 sorts by UTF-16 code units; UTF-8 byte order differs only above U+FFFF against U+E000…U+FFFF.
bool utf16_less(std::string_view a, std::string_view b) {
  auto unit = [](unsigned char c) { return c == 0xEE || c == 0xEF ? c + 0x100 : +c; };  // surrogates come before U+E000
  const std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i)
    if (a[i] != b[i]) return unit(static_cast<unsigned char>(a[i])) < unit(static_cast<unsigned char>(b[i]));
  return a.size() < b.size();
}

void indent_to(std::string& out, int indent) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

void write(std::string& out, const json::value& value, bool canonical, int indent) {
  const int inner = indent < 0 ? -1 : indent + 1;
  switch (value.kind()) {
    case json::kind::null: out += "null"; return;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
    case json::kind::int64: out += std::to_string(value.get_int64()); return;
    case json::kind::uint64: out += std::to_string(value.get_uint64()); return;
    case json::kind::double_: append_json_number(out, value.get_double()); return;
    case json::kind::string: append_json_string(out, {value.get_string().data(), value.get_string().size()}); return;
    case json::kind::array: {
      out += '[';
      bool first = true;
      for (const json::value& element : value.get_array()) {
        if (!first) out += ',';
        first = false;
        indent_to(out, inner);
        write(out, element, canonical, inner);
      }
      if (!first) indent_to(out, indent);
      out += ']';
      return;
    }
    case json::kind::object: break;
  }
  const json::object& object = value.get_object();
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  if (canonical)
    std::sort(members.begin(), members.end(), [](auto* a, auto* b) {
      return utf16_less({a->key().data(), a->key().size()}, {b->key().data(), b->key().size()});
    });
  out += '{';
  bool first = true;
  for (const auto* member : members) {
    if (!first) out += ',';
    first = false;
    indent_to(out, inner);
    append_json_string(out, {member->key().data(), member->key().size()});
    out += indent < 0 ? ":" : ": ";
    write(out, member->value(), canonical, inner);
  }
  if (!first) indent_to(out, indent);
  out += '}';
}

}  // namespace

void append_json(std::string& out, const json::value& value) { write(out, value, false, -1); }

std::string write_json(const json::value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string canonical_json(const json::value& value) {
  std::string out;
  write(out, value, true, -1);
  return out;
}

std::string pretty_json(const json::value& value) {
  std::string out;
  write(out, value, false, 0);
  return out;
}

}  // namespace backstitch
