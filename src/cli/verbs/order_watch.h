// Following one order to its end.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>

#include "cli/client.h"

namespace backstitch::cli {

/// The order's document once its state is final; Code::timed_out after --wait. An order that is received and not decided yet
/// counts as not ended.
Result<boost::json::value> await_order(const Invocation& invocation, Client& client, const std::string& id);

Result<Answer> order_watch(const Invocation& invocation);

}  // namespace backstitch::cli
