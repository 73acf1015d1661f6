// RFC 9457 problems: what the server answers when it refuses. (Its opposite, problem_json(), stands in base/net/http_server.h.)
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch::cli {

/// Error of an answer with this status. A body that is no problem of ours still becomes an error in words.
Error error_from_problem(int http_status, std::string_view body);

/// "BS-3102" or "3102"; none when the table has no such number.
Result<Code> code_from_text(std::string_view text);

}  // namespace backstitch::cli
