#include "stores/safe/bind_log.h"

#include "base/hash.h"

namespace backstitch::safe {
namespace {

constexpr const char *log_name = "instance/log", *safe_name = "instance/safe";
constexpr int number_bytes = 8;

/// What stands under the name: `value`, unless somebody was quicker.
Result<std::string> put_once(Safe& safe, const char* name, const std::string& value) {
  const auto put = safe.put_new(name, value);
  if (!put) return fail(put.error());
  return *put ? value : safe.get(name);
}

Result<std::string> found(Safe& safe, const char* name) {
  auto value = safe.get(name);
  if (!value && value.error().code == Code::object_not_found) return std::string();
  return value;
}

}  // namespace

Result<std::string> bound_log(Safe& safe) { return found(safe, log_name); }

// The safe has its own number first, then the log is bound to it, then the safe to the log: whoever dies in between finds his own
// number in the log, and whoever comes second is refused before his safe is bound to anything.
Status bind_log(queue::Queue& queue, Safe& safe) {
  const auto identity = queue.identity();
  if (!identity) return fail(identity.error());
  auto own = found(safe, safe_name);
  if (own && own->empty()) own = put_once(safe, safe_name, random_hex(number_bytes));
  if (!own) return fail(own.error());
  const auto owner = identity->owner.empty() ? queue.bind(*own) : identity->owner;
  if (!owner) return fail(owner.error());
  if (*owner != *own)
    return fail(
        Code::store_unfit,
        "the log number {} belongs to the safe number {}, and this is number {}: two data folders of one name must not work "
        "on one log. Name another instance, another log, or the safe that it belongs to",
        identity->log, *owner, *own);
  const auto log = put_once(safe, log_name, identity->log);
  if (!log) return fail(log.error());
  if (*log == identity->log) return {};
  return fail(
      Code::store_unfit,
      "the log is number {}, and the safe is bound to number {}: orders of one would meet rows of the other. Bring back the "
      "log that it is bound to",
      identity->log, *log);
}

}  // namespace backstitch::safe
