#include "stores/safe/epoch_json.h"

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::safe {
namespace {

std::string text(const Epoch& epoch) { return fmt::format("{} {} {}", epoch.n, epoch.open ? "open" : "closed", epoch.saga); }

}  // namespace

std::string epoch_json(const Epoch& epoch, const std::string& write) {
  boost::json::object object{{"n", epoch.n}, {"open", epoch.open}, {"saga", epoch.saga}};
  if (!write.empty()) object["write"] = write;
  return write_json(object) + "\n";
}

Result<Epoch> read_epoch(const std::string& where, const std::string& content) {
  const auto document = parse_json(content);
  const auto* object = document ? document->if_object() : nullptr;
  const auto* n = object ? object->if_contains("n") : nullptr;
  const auto* open = object ? object->if_contains("open") : nullptr;
  const auto* saga = object ? object->if_contains("saga") : nullptr;
  boost::json::error_code wrong;
  const auto number = n ? n->to_number<std::uint64_t>(wrong) : 0;
  if (wrong || number == 0 || !open || !open->is_bool() || !saga || !saga->is_string())
    return fail(Code::checksum_mismatch, "{} is no epoch: {}", where, content.substr(0, 200));
  return Epoch{number, open->get_bool(), std::string(saga->get_string())};
}

std::string write_of_epoch(const std::string& content) {
  const auto document = parse_json(content);
  const auto* object = document ? document->if_object() : nullptr;
  const auto* write = object ? object->if_contains("write") : nullptr;
  return write && write->is_string() ? std::string(write->get_string()) : "";
}

Status check_change(const Epoch& found, const Epoch& expected, const Epoch& wanted) {
  if (found != expected) return fail(Code::epoch_conflict, "{} stands there, not {}", text(found), text(expected));
  if (wanted.n < found.n) return fail(Code::epoch_conflict, "epoch {} does not go back to {}", found.n, wanted.n);
  return {};
}

}  // namespace backstitch::safe
