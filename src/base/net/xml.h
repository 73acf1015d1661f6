// As much XML as the answers of Amazon's services need: elements by name, without attributes that matter and never inside
// themselves.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace backstitch {

/// What stands between <name …> and </name>, of each such element, as it is written.
std::vector<std::string_view> xml_elements(std::string_view text, std::string_view name);
/// The text of the first one, with its entities resolved; empty when there is none.
std::string xml_text(std::string_view text, std::string_view name);

}  // namespace backstitch
