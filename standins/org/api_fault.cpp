#include "standins/org/api_fault.h"

#include <boost/json.hpp>

#include "standins/common/routes.h"

namespace backstitch::standin {

HttpResponse answer_of(const ApiFault& fault) {
  boost::json::object error{{"errorCode", fault.code}, {"message", fault.message}};
  if (!fault.fields.empty()) error["fields"] = boost::json::value_from(fault.fields);
  return json_answer(fault.status, boost::json::array{std::move(error)});
}

boost::json::object result_of(const ApiFault& fault) {
  boost::json::object error{{"statusCode", fault.code}, {"message", fault.message}};
  error["fields"] = boost::json::value_from(fault.fields);
  return {{"success", false}, {"errors", boost::json::array{std::move(error)}}};
}

}  // namespace backstitch::standin
