#include "rules/object_reader.h"

#include <algorithm>
#include <boost/json.hpp>

#include "rules/nearest.h"

namespace backstitch {
namespace json = boost::json;

std::string child_pointer(const std::string& pointer, std::string_view name) {
  std::string out = pointer + "/";
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

ObjectReader::ObjectReader(const json::value& value, std::string pointer, std::vector<Fault>& faults)
    : object_(value.if_object()), pointer_(std::move(pointer)), faults_(faults) {
  if (!object_) faults_.push_back({pointer_, Code::catalog_bad_value, "must be an object"});
}

const json::value* ObjectReader::member(const std::string& name, bool required) {
  asked_.insert(name);
  if (!object_) return nullptr;
  const json::value* value = object_->if_contains(name);
  if (value && !value->is_null()) return value;
  if (required) fault(name, Code::catalog_missing_key, fmt::format("{} is missing", name));
  return nullptr;
}

std::string ObjectReader::text(const std::string& name, bool required) {
  const json::value* value = member(name, required);
  if (!value) return {};
  if (!value->is_string()) return fault(name, Code::catalog_bad_value, "must be a text"), std::string();
  const auto& found = value->get_string();
  if (found.size() > 1024) return fault(name, Code::catalog_bad_value, "has more than 1024 bytes"), std::string();
  if (required && found.empty()) fault(name, Code::catalog_missing_key, fmt::format("{} must not be empty", name));
  return std::string(found);
}

std::optional<std::int64_t> ObjectReader::whole_if(const std::string& name, std::int64_t least, std::int64_t most) {
  const json::value* value = member(name);
  if (!value) return std::nullopt;
  if (value->is_int64() && value->get_int64() >= least && value->get_int64() <= most) return value->get_int64();
  fault(name, Code::catalog_bad_value, fmt::format("must be a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::int64_t ObjectReader::whole(const std::string& name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  return whole_if(name, least, most).value_or(otherwise);
}

bool ObjectReader::truth(const std::string& name, bool otherwise) {
  const json::value* value = member(name);
  if (!value) return otherwise;
  if (value->is_bool()) return value->get_bool();
  fault(name, Code::catalog_bad_value, "must be true or false");
  return otherwise;
}

std::vector<std::string> ObjectReader::texts(const std::string& name) {
  std::vector<std::string> out;
  const json::array* values = list(name);
  for (std::size_t i = 0; values && i < values->size(); ++i) {
    if ((*values)[i].is_string())
      out.emplace_back((*values)[i].get_string());
    else
      faults_.push_back({child_pointer(at(name), std::to_string(i)), Code::catalog_bad_value, "must be a text"});
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> ObjectReader::text_map(const std::string& name) {
  std::vector<std::pair<std::string, std::string>> out;
  const json::object* values = object(name);
  if (!values) return out;
  for (const auto& entry : *values) {
    if (entry.value().is_string())
      out.emplace_back(std::string(entry.key()), std::string(entry.value().get_string()));
    else
      faults_.push_back({child_pointer(at(name), entry.key()), Code::catalog_bad_value, "must be a text"});
  }
  std::sort(out.begin(), out.end());
  return out;
}

const json::array* ObjectReader::list(const std::string& name, bool required) {
  const json::value* value = member(name, required);
  if (value && !value->is_array()) fault(name, Code::catalog_bad_value, "must be a list");
  return value ? value->if_array() : nullptr;
}

const json::object* ObjectReader::object(const std::string& name, bool required) {
  const json::value* value = member(name, required);
  if (value && !value->is_object()) fault(name, Code::catalog_bad_value, "must be an object");
  return value ? value->if_object() : nullptr;
}

void ObjectReader::fault(const std::string& name, Code code, std::string detail) {
  faults_.push_back({at(name), code, std::move(detail)});
}

void ObjectReader::finish() {
  if (!object_) return;
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& entry : *object_) {
    const std::string name(entry.key());
    if (asked_.contains(name)) continue;
    const std::string near = nearest(name, known);
    fault(name, Code::catalog_unknown_member,
          near.empty() ? fmt::format("\"{}\" is no member here", name)
                       : fmt::format("\"{}\" is no member here; \"{}\" is", name, near));
  }
}

std::size_t list_size(const json::array* list) { return list ? list->size() : 0; }
const json::value& list_at(const json::array& list, std::size_t index) { return list[index]; }

}  // namespace backstitch
