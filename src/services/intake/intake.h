// The front door: everything acknowledged is a durable record in `incoming` first (law 1). Who did it and that they might was
// decided here and stands in the record's headers. Needs no PostgreSQL for orders. Thread-safe.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fold/catalog_library.h"
#include "model/identity.h"
#include "stores/queue/port.h"

namespace backstitch {

struct IntakeSettings {
  int partitions = 64;
  std::uint64_t incoming_records_max = 1'000'000;  // not decided yet; beyond it QUEUE-FULL, before the "received"
  bool takes = true;                               // false: nothing new is received here, other members do that
};

struct Received {
  bool fresh = true;  // false: the same again, answered with the first result
  OrderId order;
  CommandId command;
  Partition partition = 0;
  queue::Offset offset = 0;
  Time at;
};

class Intake {
 public:
  /// `decided` gives, per partition, the offset behind the last decided record.
  Intake(IntakeSettings settings, queue::Queue& queue, CatalogLibrary& library, std::function<std::uint64_t(Partition)> decided);

  /// The catalog that new orders are checked against; engine and record decide in the end.
  void set_active_catalog(const std::string& digest);
  std::string active_catalog() const;

  /// Shape and products are checked completely, then the record is durable. Errors: json_invalid, order_invalid, order_too_large,
  /// order_unknown_product (all faults), supplement_unsupported, catalog_none, order_conflict (same id, other body), queue_full.
  Result<Received> submit(const std::string& body, const std::string& actor);
  /// Several at once, one sync; a result for each, in order.
  std::vector<Result<Received>> submit_all(const std::vector<std::string>& bodies, const std::string& actor);

  /// A command about one account's things. `members` is the rest of the JSON object, beginning with a comma.
  Result<Received> command(const std::string& kind, const std::string& account_id, const std::string& members,
                           const std::string& actor, const std::string& idempotency_key);
  /// Several of one kind at once, one sync; a result for each, in order. Keys may be empty.
  struct AccountCommand {
    std::string account_id, members, idempotency_key;
  };
  std::vector<Result<Received>> command_all(const std::string& kind, const std::vector<AccountCommand>& commands,
                                            const std::string& actor);
  /// The command that came first under this key, if one did: it is answered again, whatever has become of its subject since.
  /// Code::idempotency_conflict when it was another command.
  Result<std::optional<Received>> command_before(const std::string& kind, const std::string& account_id,
                                                 const std::string& members, const std::string& actor,
                                                 const std::string& idempotency_key) const;
  /// A command about the house as a whole, such as grant-change: partition 0, so that all of its kind have one order.
  Result<Received> house_command(const std::string& kind, const std::string& members, const std::string& actor,
                                 const std::string& idempotency_key);
  /// A command to all partitions: catalog-activate, system-command.
  Result<Received> broadcast(const std::string& kind, const std::string& members, const std::string& actor,
                             const std::string& idempotency_key);

  std::uint64_t backlog() const;

 private:
  struct Checked {
    Order order;
    queue::Append append;
  };
  Result<Checked> check(const std::string& body, const std::string& actor) const;
  Status check_products(const Order& order) const;
  Result<Received> received(const Checked& checked, const queue::Appended& appended) const;
  queue::Append command_record(const std::string& kind, const AccountCommand& command, const std::string& actor,
                               const Received& received) const;
  Result<std::vector<queue::Appended>> append_commands(std::vector<queue::Append> batch, const std::string& actor);
  static Result<Received> received_command(Received received, const queue::Appended& appended, const std::string& value);
  Status room(std::uint64_t waiting, std::size_t wanted) const;
  Status room_unless_known(const std::string& claim, std::size_t wanted) const;

  IntakeSettings settings_;
  queue::Queue& queue_;
  CatalogLibrary& library_;
  std::function<std::uint64_t(Partition)> decided_;
  mutable std::mutex mutex_;
  std::string active_catalog_;
};

}  // namespace backstitch
