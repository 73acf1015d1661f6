// The Query protocol as the published model of the service describes it (service.json): parameters into a document, a document
// into XML. What the model does not know is refused, where a real service might pass it over.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace backstitch::standin {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// What a caller is told: code and status of the model's fault, or of the errors that every action has.
struct RdsFault {
  std::string code, message;
  int status = 400;
};
template <class T>
using RdsResult = tl::expected<T, RdsFault>;

class RdsModel {
 public:
  /// Of service.json. Code::json_invalid, file_failed.
  static Result<RdsModel> load(const std::string& path);

  bool knows(const std::string& action) const;
  std::string version() const;
  /// Every parameter known, of its type, and none missing.
  RdsResult<boost::json::object> input(const std::string& action, const Parameters& parameters) const;
  /// `result` has the members of the action's output.
  std::string output(const std::string& action, const boost::json::object& result, const std::string& request_id) const;
  /// A fault that the model lists for the action: its code and status.
  RdsFault fault(const std::string& action, const std::string& shape, const std::string& message) const;

 private:
  const boost::json::object& shape(std::string_view name) const;
  RdsResult<boost::json::value> read(const boost::json::object& shape, const std::string& path, Parameters& left) const;
  RdsResult<boost::json::value> read_structure(const boost::json::object& shape, const std::string& path, Parameters& left) const;
  RdsResult<boost::json::value> read_list(const boost::json::object& shape, const std::string& path, Parameters& left) const;
  void write(const boost::json::object& shape, const boost::json::value& value, std::string& out) const;

  boost::json::object model_;
};

std::string xml_escaped(std::string_view text);

}  // namespace backstitch::standin
