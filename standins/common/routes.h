// Small things that both HTTP servers of the stand-ins need.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/http_server.h"

namespace backstitch::standin {

std::vector<std::string> split_path(std::string_view path);  // "/a/b" → {"a", "b"}
HttpResponse json_answer(int status, const boost::json::value& body);
/// {"code":…,"message":…}
HttpResponse error_answer(int status, std::string_view code, std::string_view message);

}  // namespace backstitch::standin
