#include "standins/common/routes.h"

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::standin {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

HttpResponse json_answer(int status, const boost::json::value& body) { return {.status = status, .body = write_json(body)}; }

HttpResponse error_answer(int status, std::string_view code, std::string_view message) {
  return json_answer(status, boost::json::object{{"code", code}, {"message", message}});
}

}  // namespace backstitch::standin
