#include "standins/rds/model.h"

#include <algorithm>
#include <charconv>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"

namespace backstitch::standin {
namespace json = boost::json;
namespace {

std::string text_of(const json::object& object, const char* name, const std::string& otherwise = {}) {
  const json::value* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : otherwise;
}

tl::unexpected<RdsFault> wrong(const std::string& code, const std::string& message) {
  return tl::unexpected(RdsFault{code, message, 400});
}

/// "Filters.Filter.2.Name" begins with "Filters.Filter.2".
bool is_below(const std::string& name, const std::string& path) {
  return name == path || (name.starts_with(path) && name.size() > path.size() && name[path.size()] == '.');
}

bool any_below(const Parameters& parameters, const std::string& path) {
  return std::any_of(parameters.begin(), parameters.end(), [&](const auto& one) { return is_below(one.first, path); });
}

RdsResult<json::value> read_scalar(const std::string& type, const std::string& path, const std::string& text) {
  if (type == "boolean") {
    if (text == "true" || text == "false") return json::value(text == "true");
    return wrong("MalformedInput", path + " is no boolean: " + text);
  }
  if (type == "integer" || type == "long") {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return json::value(number);
    return wrong("MalformedInput", path + " is no number: " + text);
  }
  if (type == "timestamp" && !parse_rfc3339(text)) return wrong("MalformedInput", path + " is no time: " + text);
  return json::value(text);
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

Result<RdsModel> RdsModel::load(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return fail(text.error());
  boost::system::error_code error;
  json::value document = json::parse(*text, error);
  if (error || !document.is_object()) return fail(Code::json_invalid, "{} is no model", path);
  RdsModel model;
  model.model_ = std::move(document.get_object());
  return model;
}

const json::object& RdsModel::shape(std::string_view name) const {
  return model_.at("shapes").as_object().at(json::string_view(name.data(), name.size())).as_object();
}

bool RdsModel::knows(const std::string& action) const { return model_.at("operations").as_object().contains(action); }

std::string RdsModel::version() const { return text_of(model_.at("metadata").as_object(), "apiVersion"); }

RdsResult<json::object> RdsModel::input(const std::string& action, const Parameters& parameters) const {
  Parameters left = parameters;
  const json::object& operation = model_.at("operations").as_object().at(action).as_object();
  auto read = read_structure(shape(text_of(operation.at("input").as_object(), "shape")), "", left);
  if (!read) return tl::unexpected(read.error());
  if (!left.empty()) return wrong("UnknownParameter", action + " knows no parameter " + left.front().first);
  return std::move(read->as_object());
}

RdsResult<json::value> RdsModel::read(const json::object& of, const std::string& path, Parameters& left) const {
  const std::string type = text_of(of, "type");
  if (type == "structure") return read_structure(of, path, left);
  if (type == "list") return read_list(of, path, left);
  const auto found = std::find_if(left.begin(), left.end(), [&](const auto& one) { return one.first == path; });
  if (found == left.end()) return json::value(nullptr);
  const std::string text = found->second;
  left.erase(found);
  return read_scalar(type, path, text);
}

RdsResult<json::value> RdsModel::read_structure(const json::object& of, const std::string& path, Parameters& left) const {
  json::object out;
  for (const auto& [name, member] : of.at("members").as_object()) {
    const std::string at = (path.empty() ? "" : path + ".") + text_of(member.as_object(), "locationName", std::string(name));
    if (!any_below(left, at)) continue;
    auto value = read(shape(text_of(member.as_object(), "shape")), at, left);
    if (!value) return value;
    if (!value->is_null()) out[name] = std::move(*value);
  }
  if (const json::value* required = of.if_contains("required"))
    for (const json::value& one : required->as_array())
      if (!out.contains(one.as_string()))
        return wrong("MissingParameter", "The request must contain the parameter " + (path.empty() ? "" : path + ".") +
                                             std::string(one.as_string()) + ".");
  return json::value(std::move(out));
}

RdsResult<json::value> RdsModel::read_list(const json::object& of, const std::string& path, Parameters& left) const {
  const json::object& member = of.at("member").as_object();
  const std::string name = text_of(member, "locationName", "member");
  json::array out;
  for (int number = 1;; ++number) {
    const std::string at = fmt::format("{}.{}.{}", path, name, number);
    if (!any_below(left, at)) break;
    auto value = read(shape(text_of(member, "shape")), at, left);
    if (!value) return value;
    out.push_back(std::move(*value));
  }
  return json::value(std::move(out));
}

void RdsModel::write(const json::object& of, const json::value& value, std::string& out) const {
  const std::string type = text_of(of, "type");
  if (type == "structure") {
    for (const auto& [name, member] : of.at("members").as_object()) {
      const json::value* found = value.as_object().if_contains(name);
      if (!found || found->is_null()) continue;
      const std::string tag = text_of(member.as_object(), "locationName", std::string(name));
      out += "<" + tag + ">";
      write(shape(text_of(member.as_object(), "shape")), *found, out);
      out += "</" + tag + ">";
    }
  } else if (type == "list") {
    const json::object& member = of.at("member").as_object();
    const std::string tag = text_of(member, "locationName", "member");
    for (const json::value& one : value.as_array()) {
      out += "<" + tag + ">";
      write(shape(text_of(member, "shape")), one, out);
      out += "</" + tag + ">";
    }
  } else {
    out += value.is_string() ? xml_escaped(std::string(value.get_string())) : json::serialize(value);
  }
}

std::string RdsModel::output(const std::string& action, const json::object& result, const std::string& request_id) const {
  const json::object& output = model_.at("operations").as_object().at(action).as_object().at("output").as_object();
  const std::string wrapper = text_of(output, "resultWrapper");
  std::string out =
      "<" + action + "Response xmlns=\"" + text_of(model_.at("metadata").as_object(), "xmlNamespace") + "\"><" + wrapper + ">";
  write(shape(text_of(output, "shape")), json::value(result), out);
  return out + "</" + wrapper + "><ResponseMetadata><RequestId>" + request_id + "</RequestId></ResponseMetadata></" + action +
         "Response>";
}

RdsFault RdsModel::fault(const std::string& action, const std::string& name, const std::string& message) const {
  for (const json::value& one : model_.at("operations").as_object().at(action).as_object().at("errors").as_array())
    if (one.at("shape").as_string() == name) {
      const json::object& error = shape(name).at("error").as_object();
      return {text_of(error, "code"), message, static_cast<int>(error.at("httpStatusCode").as_int64())};
    }
  return {"InternalFailure", "the stand-in knows no fault " + name + " of " + action, 500};
}

}  // namespace backstitch::standin
