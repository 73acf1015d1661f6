#include "cli/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos && text != "-";
}

void append_line(std::string& out, const Row& row, const std::vector<std::size_t>& widths, const std::vector<bool>& right) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string gap(widths[i] - width_of(row[i]), ' ');
    line += (i ? "  " : "") + (right[i] ? gap + row[i] : row[i] + gap);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

const value* find_member(const value& from, std::string_view path) {
  const value* here = &from;
  while (here && !path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    here = here->is_object() ? here->as_object().if_contains(path.substr(0, dot)) : nullptr;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return here;
}

bool is_scalar(const value& v) { return !v.is_object() && !v.is_array(); }

bool is_list_of_objects(const value& v) {
  return v.is_array() && !v.as_array().empty() &&
         std::all_of(v.as_array().begin(), v.as_array().end(), [](const value& entry) { return entry.is_object(); });
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += "  " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// A table with every member that some object has, in the order of their first appearance.
std::string table_of_all(const array& items) {
  Row head;
  for (const value& item : items)
    for (const auto& member : item.as_object())
      if (std::find(head.begin(), head.end(), std::string(member.key())) == head.end()) head.emplace_back(member.key());
  std::vector<Row> rows;
  for (const value& item : items) {
    Row& row = rows.emplace_back();
    for (const std::string& name : head) {
      const value* member = item.as_object().if_contains(name);
      row.push_back(member ? cell_text(*member) : "");
    }
  }
  return table_text(head, rows);
}

}  // namespace

std::string table_text(const Row& head, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  std::vector<bool> right(head.size(), !rows.empty());
  for (const std::string& title : head) widths.push_back(width_of(title));
  for (const Row& row : rows)
    for (std::size_t i = 0; i < head.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
      if (!row[i].empty() && !is_number(row[i])) right[i] = false;
    }
  std::string out;
  append_line(out, head, widths, right);
  for (const Row& row : rows) append_line(out, row, widths, right);
  return out;
}

std::string table_of(const array& items, const std::vector<Column>& columns) {
  Row head;
  for (const Column& column : columns) head.emplace_back(column.title);
  std::vector<Row> rows;
  for (const value& item : items) {
    Row& row = rows.emplace_back();
    for (const Column& column : columns) {
      const value* member = find_member(item, column.member);
      row.push_back(member ? cell_text(*member) : "");
    }
  }
  return table_text(head, rows);
}

std::string cell_text(const value& v) {
  if (v.is_null()) return "";
  if (v.is_string()) return std::string(v.as_string());
  if (v.is_bool()) return v.as_bool() ? "yes" : "no";
  if (v.is_array() && std::all_of(v.as_array().begin(), v.as_array().end(), is_scalar)) {
    std::string out;
    for (const value& entry : v.as_array()) out += (out.empty() ? "" : ", ") + cell_text(entry);
    return out;
  }
  if (v.is_object() && v.as_object().empty()) return "";
  return write_json(v);
}

std::string describe(const object& from, const std::vector<std::string_view>& leave_out) {
  const auto left_out = [&](std::string_view name) {
    return std::find(leave_out.begin(), leave_out.end(), name) != leave_out.end();
  };
  std::size_t width = 0;
  for (const auto& member : from)
    if (!left_out(member.key()) && is_scalar(member.value())) width = std::max(width, member.key().size());
  std::string out, below;
  for (const auto& member : from) {
    const value& content = member.value();
    if (left_out(member.key()) || content.is_null()) continue;
    if (is_list_of_objects(content))
      below += fmt::format("{}\n{}", std::string_view(member.key()), indented(table_of_all(content.as_array())));
    else if (content.is_object() && !content.as_object().empty())
      below += fmt::format("{}\n{}", std::string_view(member.key()), indented(describe(content.as_object())));
    else if (const std::string text = cell_text(content); !text.empty())
      out += fmt::format("{:<{}}  {}\n", std::string_view(member.key()), width, text);
  }
  return out + below;
}

}  // namespace backstitch::cli
