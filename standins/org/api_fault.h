// What Salesforce's REST says when it refuses: a code, a message, the fields in question.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/net/http_server.h"

namespace backstitch::standin {

struct ApiFault {
  int status = 400;
  std::string code, message;
  std::vector<std::string> fields;
};
template <class T>
using ApiResult = tl::expected<T, ApiFault>;

inline tl::unexpected<ApiFault> refuse(int status, std::string code, std::string message, std::vector<std::string> fields = {}) {
  return tl::unexpected<ApiFault>(ApiFault{status, std::move(code), std::move(message), std::move(fields)});
}
inline tl::unexpected<ApiFault> not_found() { return refuse(404, "NOT_FOUND", "The requested resource does not exist"); }

/// [{"errorCode","message","fields"}], the answer to a whole request.
HttpResponse answer_of(const ApiFault& fault);
/// {"success":false,"errors":[…]}, the result of one record among many.
boost::json::object result_of(const ApiFault& fault);

}  // namespace backstitch::standin
