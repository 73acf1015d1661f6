#include "recovery/resume/publish_net_state.h"

#include <future>

#include "recovery/prepared/net_state.h"
#include "recovery/replay/exclusions.h"

namespace backstitch::recovery {
namespace {

/// Appends what the CRM is told, in order; a batch is written while the next one is put together.
class Teller {
 public:
  Teller(queue::Queue& log, std::uint64_t epoch) : log_(log), headers_(fmt::format("{{\"bs-epoch\":{}}}", epoch)) {}

  Status tell(CrmUpdate update) {
    queue::Append append;
    append.topic = "order_orderitems", append.partition = update.partition, append.key = std::move(update.account_id);
    append.schema = "order_orderitems." + update.type + "/1", append.value = std::move(update.body), append.headers = headers_;
    batch_.push_back(std::move(append));
    ++told_;
    return batch_.size() < in_batch ? Status() : write();
  }
  /// How many, once all of them are written.
  Result<std::size_t> finish() {
    BS_TRY(write());
    BS_TRY(written());
    return told_;
  }

 private:
  static constexpr std::size_t in_batch = 16'000;  // some five megabytes, for one sync of the disk

  Status write() {
    BS_TRY(written());
    if (batch_.empty()) return {};
    writing_ = std::async(std::launch::async, [this, batch = std::exchange(batch_, {})]() mutable -> Status {
      const auto appended = log_.append(std::move(batch));
      return appended ? Status() : fail(appended.error());
    });
    return {};
  }
  Status written() { return writing_.valid() ? writing_.get() : Status(); }

  queue::Queue& log_;
  const std::string headers_;
  std::vector<queue::Append> batch_;
  std::size_t told_ = 0;
  std::future<Status> writing_;
};

}  // namespace

Result<NetState> net_state_of(World& world) {
  auto standing = read_net_state(world);
  if (!standing) return fail(std::move(standing.error()));
  auto rejected = excluded_updates(world.safe, *world.database, world.plan.exclusions);
  if (!rejected) return fail(std::move(rejected.error()));
  return NetState{std::move(*standing), std::move(*rejected)};
}

Result<std::size_t> publish(NetState state, queue::Queue& log, std::uint64_t epoch) {
  Teller teller(log, epoch);
  const TellUpdate tell = [&](CrmUpdate update) { return teller.tell(std::move(update)); };
  BS_TRY(state.standing(tell));
  for (CrmUpdate& update : state.rejected) BS_TRY(tell(std::move(update)));
  return teller.finish();
}

}  // namespace backstitch::recovery
