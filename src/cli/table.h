// Text for people, made from the same JSON that --json prints.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace backstitch::cli {

using Row = std::vector<std::string>;

/// Columns two spaces apart, no trailing spaces; numbers stand on the right. UTF-8 counts by character.
std::string table_text(const Row& head, const std::vector<Row>& rows);

struct Column {
  const char* title;
  const char* member;  // "plan.state" goes one level down
};
/// A table of the objects in `items`; members that are missing stay empty.
std::string table_of(const boost::json::array& items, const std::vector<Column>& columns);

/// One member as people read it: strings bare, lists joined, objects compact.
std::string cell_text(const boost::json::value& value);

/// Any object: "name  value" lines, lists of objects as tables, objects below their name. `leave_out` names members.
std::string describe(const boost::json::object& object, const std::vector<std::string_view>& leave_out = {});

}  // namespace backstitch::cli
