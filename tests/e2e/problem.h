// An error as the API answers it (RFC 9457 with our members).
#pragma once
#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/net/http_client.h"

namespace backstitch::e2e {

struct Problem {
  int status = 0;
  std::string code, hint, body;
  std::vector<std::pair<std::string, std::string>> faults;  // code, pointer

  bool names(const std::string& fault, const std::string& pointer_begin) const {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const auto& one) { return one.first == fault && one.second.starts_with(pointer_begin); });
  }
};

inline Problem problem_of(const HttpAnswer& answer) {
  Problem problem{.status = answer.status, .body = answer.body};
  auto document = parse_json(answer.body);
  if (!document || !document->is_object()) return problem;
  auto text = [](const boost::json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  problem.code = text(document->get_object(), "code"), problem.hint = text(document->get_object(), "hint");
  if (const auto* errors = document->get_object().if_contains("errors"); errors && errors->is_array())
    for (const auto& error : errors->get_array())
      problem.faults.emplace_back(text(error.as_object(), "code"), text(error.as_object(), "pointer"));
  return problem;
}

}  // namespace backstitch::e2e
