// Reads members of one JSON object and collects every fault with its pointer; what nobody asked for is a fault too.
// Inside of the catalog's reader.
#pragma once
#include <boost/json/fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch {

std::string child_pointer(const std::string& pointer, std::string_view name);  // escapes ~ and / (RFC 6901)

class ObjectReader {
 public:
  /// `value` must outlive the reader. A value that is no object is a fault, and then every member is missing without more faults.
  ObjectReader(const boost::json::value& value, std::string pointer, std::vector<Fault>& faults);

  const boost::json::value* member(const std::string& name, bool required = false);  // null pointer when absent or null
  std::string text(const std::string& name, bool required = false);
  /// Bounds are inclusive.
  std::int64_t whole(const std::string& name, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  std::optional<std::int64_t> whole_if(const std::string& name, std::int64_t least, std::int64_t most);
  bool truth(const std::string& name, bool otherwise);
  std::vector<std::string> texts(const std::string& name);
  std::vector<std::pair<std::string, std::string>> text_map(const std::string& name);  // sorted by name
  const boost::json::array* list(const std::string& name, bool required = false);
  const boost::json::object* object(const std::string& name, bool required = false);

  /// A name out of an enum; `from` gives none when it is unknown.
  template <class Enum>
  Enum choice(const std::string& name, std::optional<Enum> (*from)(std::string_view), Enum otherwise, bool required = false) {
    const std::string word = text(name, required);
    if (word.empty()) return otherwise;
    if (const auto value = from(word)) return *value;
    fault(name, Code::catalog_bad_value, fmt::format("\"{}\" is not known here", word));
    return otherwise;
  }

  void fault(const std::string& name, Code code, std::string detail);
  std::string at(const std::string& name) const { return child_pointer(pointer_, name); }
  const std::string& pointer() const { return pointer_; }
  std::vector<Fault>& faults() { return faults_; }
  /// Call last: members that were not asked for are faults, with the nearest name that was.
  void finish();

 private:
  const boost::json::object* object_ = nullptr;
  std::string pointer_;
  std::vector<Fault>& faults_;
  std::set<std::string> asked_;
};

std::size_t list_size(const boost::json::array* list);  // 0 for none
const boost::json::value& list_at(const boost::json::array& list, std::size_t index);

/// Calls read(entry) for each entry of the list `name`, then looks for members that nobody asked for.
template <class Read>
void read_list(ObjectReader& from, const std::string& name, Read read, bool required = false) {
  const boost::json::array* list = from.list(name, required);
  for (std::size_t i = 0; i < list_size(list); ++i) {
    ObjectReader entry(list_at(*list, i), child_pointer(from.at(name), std::to_string(i)), from.faults());
    read(entry);
    entry.finish();
  }
}

}  // namespace backstitch
