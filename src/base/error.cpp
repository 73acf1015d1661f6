#include "base/error.h"

#include "base/assert.h"

namespace backstitch {
namespace {
constexpr ErrorInfo table[] = {
#define BACKSTITCH_ERROR(number, symbol, title, hint, http, exit_status, retryable) \
  {number, #symbol, title, hint, http, exit_status, retryable},
#include "base/error_table.inc"
#undef BACKSTITCH_ERROR
};
}  // namespace

const ErrorInfo& info(Code code) {
  for (const ErrorInfo& entry : table)
    if (entry.number == static_cast<int>(code)) return entry;
  BS_ASSERT(false, "an error code outside the table");
  return table[0];
}

std::vector<ErrorInfo> all_errors() { return {std::begin(table), std::end(table)}; }

std::string code_text(Code code) { return fmt::format("BS-{:04}", static_cast<int>(code)); }

std::string Error::text() const {
  const ErrorInfo& entry = info(code);
  std::string out = fmt::format("{} {}: {}", code_text(code), entry.title, detail);
  for (const Fault& fault : faults) out += fmt::format("\n  {} {}: {}", fault.pointer, code_text(fault.code), fault.detail);
  if (!entry.hint.empty()) out += fmt::format("\n  hint: {}", entry.hint);
  return out;
}

}  // namespace backstitch
