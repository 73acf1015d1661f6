// What most verbs are made of: fetch a list or a thing, or send a command and wait for its outcome.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client.h"
#include "cli/table.h"

namespace backstitch::cli {

/// A page {"items":[…],"next":…} as a table; a notice tells how to get the next one.
Result<Answer> fetch_list(const Invocation& invocation, const std::string& path, const char* schema,
                          const std::vector<Column>& columns);

/// One document as "name  value" lines.
Result<Answer> fetch_one(const Invocation& invocation, const std::string& path, const char* schema,
                         const std::vector<std::string_view>& leave_out = {});

/// POSTs; when the answer names a command, waits for its outcome: at most --wait, 10 s when it is not given. A refused command
/// is an error with its own code. With --dry-run nothing is sent, and the answer says what would be.
Result<Answer> send_command(const Invocation& invocation, const std::string& path, const boost::json::object& body,
                            const char* schema);

/// The outcome document of a command. Code::timed_out when the time is over and the person asked for it.
Result<boost::json::value> await_command(const Invocation& invocation, Client& client, const std::string& command_id);

/// What would be sent, as an answer.
Answer dry_run_answer(const std::string& path, const std::string& body);

/// Members of `from`, or empty.
std::string text_of(const boost::json::value& from, std::string_view member);
const boost::json::array& items_of(const boost::json::value& page);

/// {"actor","reason","attributes"} of an operator's command, from --reason, --owner and --set NAME=VALUE (JSON, else text).
Result<boost::json::object> command_body(const Invocation& invocation);

/// --limit as text, for with_query.
std::string limit_text(const Invocation& invocation);

}  // namespace backstitch::cli
