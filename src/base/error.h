// Errors as values. One table, spec/errors.yaml, gives every error its number, title, hint, HTTP and exit status; numbers
// are never reused. Rooms raise an error by its symbol: fail(Code::order_exists, "order {} …", id).
#pragma once
#include <fmt/core.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace backstitch {

enum class Code : int {
#define BACKSTITCH_ERROR(number, symbol, title, hint, http, exit_status, retryable) symbol = number,
#include "base/error_table.inc"
#undef BACKSTITCH_ERROR
};

struct ErrorInfo {
  int number;
  std::string_view symbol, title, hint;
  int http;         // status of the HTTP answer
  int exit_status;  // exit status of the CLI
  bool retryable;   // the same call may succeed later without a change
};

const ErrorInfo& info(Code code);
std::vector<ErrorInfo> all_errors();

/// One fault inside a document: where (JSON pointer) and what.
struct Fault {
  std::string pointer;
  Code code;
  std::string detail;
};

struct Error {
  Code code;
  std::string detail;         // names the thing, the value and what happened
  std::vector<Fault> faults;  // all faults found, where the input was a document

  std::string text() const;  // "BS-3102 order exists: detail (hint)"
};

std::string code_text(Code code);  // "BS-3102"

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

template <class... Args>
tl::unexpected<Error> fail(Code code, fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected<Error>(Error{code, fmt::format(text, std::forward<Args>(args)...), {}});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace backstitch

/// Returns the error of `expression` from the enclosing function; the one macro for control flow in this house.
#define BS_TRY(expression)                                                                            \
  do {                                                                                                \
    if (auto bs_try_ = (expression); !bs_try_) return ::backstitch::fail(std::move(bs_try_.error())); \
  } while (0)
