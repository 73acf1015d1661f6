#include "services/intake/intake.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace backstitch {
namespace {

std::string claim_of(const Order& order) {
  return order.source + "\n" + order.source_order_id + "\n" + std::to_string(order.version);
}

OrderId id_of(const Order& order, Time at) {
  return derive_order_id(order.requested_at.is_set() ? order.requested_at : at, order.source, order.source_order_id,
                         order.version);
}

std::string headers_json(const std::string& id, const std::string& actor, Time at, const std::string& digest) {
  std::string out = "{\"bs-id\":";
  append_json_string(out, id);
  out += ",\"actor\":";
  append_json_string(out, actor);
  return out + fmt::format(",\"receivedAt\":\"{}\",\"digest\":\"{}\"}}", rfc3339(at), digest);
}

std::string command_value(CommandId id, const std::string& actor, const std::string& members) {
  std::string out = "{\"commandId\":\"" + id.text() + "\",\"actor\":";
  append_json_string(out, actor);
  return out + members + "}";
}

tl::unexpected<Error> other_command(CommandId id) {
  return fail(Code::idempotency_conflict, "the Idempotency-Key of {} came before with another command", id.text());
}

// It stands in rows and indexes, which hold names and no more.
Status check_actor(const std::string& actor) {
  if (actor.size() <= 255) return {};
  return fail(Code::order_field_invalid, "actor has {} bytes, 255 at most", actor.size());
}

CommandId command_id(const std::string& kind, const std::string& idempotency_key) {
  return CommandId{first_128(sha256_parts({"command", kind, idempotency_key.empty() ? random_hex(16) : idempotency_key}))};
}

}  // namespace

Intake::Intake(IntakeSettings settings, queue::Queue& queue, CatalogLibrary& library,
               std::function<std::uint64_t(Partition)> decided)
    : settings_(settings), queue_(queue), library_(library), decided_(std::move(decided)) {}

void Intake::set_active_catalog(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  active_catalog_ = digest;
}

std::string Intake::active_catalog() const {
  const std::lock_guard lock(mutex_);
  return active_catalog_;
}

std::uint64_t Intake::backlog() const {
  auto topic = queue_.topic("incoming");
  if (!topic) return 0;
  std::uint64_t total = 0;
  for (const auto& end : topic->partitions) {
    const std::uint64_t decided = std::max<std::uint64_t>(decided_(end.partition), end.begin);
    if (end.end > decided) total += end.end - decided;
  }
  return total;
}

Status Intake::room(std::uint64_t waiting, std::size_t wanted) const {
  if (!settings_.takes)
    return fail(Code::not_running, "this process has not the role intake; GET /api/v1/members lists those that have");
  if (waiting + wanted <= settings_.incoming_records_max) return {};
  return fail(Code::queue_full, "{} records wait to be decided, the bound is {}", waiting, settings_.incoming_records_max);
}

// What was received before is answered as before, also by a full queue.
Status Intake::room_unless_known(const std::string& claim, std::size_t wanted) const {
  auto known = queue_.holders("incoming", claim);
  if (!known) return fail(std::move(known.error()));
  return known->empty() ? room(backlog(), wanted) : Status();
}

Status Intake::check_products(const Order& order) const {
  const std::string digest = active_catalog();
  const CatalogPtr catalog = digest.empty() ? nullptr : library_.find(digest);
  if (!catalog) return fail(Code::catalog_none, "order {}", order.source_order_id);
  // Nobody starts on an older version than he was made with; whoever submitted it waits (order-management F005, O-10).
  if (order.catalog_index && *order.catalog_index > catalog->index)
    return fail(Code::not_running, "order {} was made with catalog index {}, here is {}: it is taken once that has come",
                order.source_order_id, *order.catalog_index, catalog->index);
  Error error{Code::order_unknown_product, fmt::format("order {}", order.source_order_id), {}};
  for (std::size_t i = 0; i < order.lines.size(); ++i)
    if (!catalog->product(order.lines[i].product))
      error.faults.push_back({fmt::format("/items/{}/product", i), Code::order_unknown_product,
                              fmt::format("\"{}\" is not in catalog {}", order.lines[i].product, digest.substr(0, 12))});
  return error.faults.empty() ? Status() : fail(std::move(error));
}

Result<Intake::Checked> Intake::check(const std::string& body, const std::string& actor) const {
  auto document = parse_json(body);
  if (!document) return fail(std::move(document.error()));
  auto order = parse_order(*document);
  if (!order) return fail(std::move(order.error()));
  // A further version is a supplement whatever it calls itself: taken as an order of its own, it would run beside the first.
  if (order->is_supplement || order->version > 1)
    return fail(Code::supplement_unsupported, "order {} version {}", order->source_order_id, order->version);
  Checked checked{std::move(*order), {}};
  queue::Append& append = checked.append;
  append.topic = "incoming", append.key = checked.order.account_id, append.schema = "incoming.submit/1", append.value = body;
  append.partition = partition_of(checked.order.account_id, settings_.partitions);
  append.claim = claim_of(checked.order), append.mode = queue::ClaimMode::first_only;
  append.headers = headers_json(append.claim, actor, wall_clock(), sha256_hex(body));
  return checked;
}

Result<Received> Intake::received(const Checked& checked, const queue::Appended& appended) const {
  Received out;
  out.partition = checked.append.partition;
  if (appended.accepted()) {
    out.offset = appended.offset, out.at = appended.at, out.order = id_of(checked.order, appended.at);
    return out;
  }
  const queue::Record& first = appended.holders.front();
  if (first.value != checked.append.value)
    return fail(Code::order_conflict, "{} {} version {} came before with digest {}", checked.order.source,
                checked.order.source_order_id, checked.order.version, sha256_hex(first.value).substr(0, 12));
  out.fresh = false, out.offset = first.offset, out.at = first.appended, out.order = id_of(checked.order, first.appended);
  return out;
}

Result<Received> Intake::submit(const std::string& body, const std::string& actor) { return submit_all({body}, actor).front(); }

std::vector<Result<Received>> Intake::submit_all(const std::vector<std::string>& bodies, const std::string& actor) {
  std::vector<Result<Received>> results;
  std::vector<Result<Checked>> checked;
  std::vector<queue::Append> batch;
  const std::uint64_t waiting = backlog();
  std::size_t fresh = 0;
  for (const std::string& body : bodies) {
    checked.push_back(check(body, actor));
    auto& one = checked.back();
    if (!one) continue;
    // What was received before is answered as before, also by a later catalog and a full queue.
    auto known = queue_.holders("incoming", one->append.claim);
    if (!known)
      one = fail(std::move(known.error()));
    else if (known->empty()) {
      const Status has_room = room(waiting, ++fresh);
      if (!has_room)
        one = fail(has_room.error());
      else if (const Status products = check_products(one->order); !products)
        one = fail(products.error());
    }
    if (one) batch.push_back(one->append);
  }
  auto appended = batch.empty() ? Result<std::vector<queue::Appended>>() : queue_.append(std::move(batch));
  std::size_t next = 0;
  for (auto& one : checked) {
    if (!one)
      results.push_back(fail(std::move(one.error())));
    else if (!appended)
      results.push_back(fail(appended.error()));
    else
      results.push_back(received(*one, (*appended)[next++]));
  }
  return results;
}

Result<Received> Intake::command(const std::string& kind, const std::string& account_id, const std::string& members,
                                 const std::string& actor, const std::string& idempotency_key) {
  return std::move(command_all(kind, {{account_id, members, idempotency_key}}, actor).front());
}

queue::Append Intake::command_record(const std::string& kind, const AccountCommand& command, const std::string& actor,
                                     const Received& received) const {
  queue::Append append;
  append.topic = "incoming", append.partition = received.partition, append.key = command.account_id;
  append.schema = "incoming." + kind + "/1", append.claim = "command\n" + received.command.text();
  append.mode = queue::ClaimMode::first_only;
  append.value = command_value(received.command, actor, command.members);
  append.headers = headers_json(received.command.text(), actor, wall_clock(), sha256_hex(append.value));
  return append;
}

std::vector<Result<Received>> Intake::command_all(const std::string& kind, const std::vector<AccountCommand>& commands,
                                                  const std::string& actor) {
  std::vector<Result<Received>> results;
  std::vector<queue::Append> batch;
  std::vector<std::string> values;
  for (const AccountCommand& command : commands) {
    Received out;
    out.command = command_id(kind, command.idempotency_key);
    out.partition = partition_of(command.account_id, settings_.partitions);
    batch.push_back(command_record(kind, command, actor, out));
    values.push_back(batch.back().value);
    results.emplace_back(out);
  }
  auto appended = append_commands(std::move(batch), actor);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!appended)
      results[i] = fail(appended.error());
    else
      results[i] = received_command(*results[i], (*appended)[i], values[i]);
  }
  return results;
}

Result<std::vector<queue::Appended>> Intake::append_commands(std::vector<queue::Append> batch, const std::string& actor) {
  if (batch.empty()) return std::vector<queue::Appended>();
  BS_TRY(check_actor(actor));
  BS_TRY(room_unless_known(batch.front().claim, batch.size()));
  return queue_.append(std::move(batch));
}

Result<Received> Intake::received_command(Received received, const queue::Appended& appended, const std::string& value) {
  received.fresh = appended.accepted();
  if (received.fresh) {
    received.offset = appended.offset, received.at = appended.at;
    return received;
  }
  const queue::Record& first = appended.holders.front();
  if (first.value != value) return other_command(received.command);
  received.offset = first.offset, received.at = first.appended;
  return received;
}

Result<Received> Intake::house_command(const std::string& kind, const std::string& members, const std::string& actor,
                                       const std::string& idempotency_key) {
  Received out;
  out.command = command_id(kind, idempotency_key), out.partition = 0;
  queue::Append append = command_record(kind, {"*", members, idempotency_key}, actor, out);
  const std::string value = append.value;
  auto appended = append_commands({std::move(append)}, actor);
  if (!appended) return fail(std::move(appended.error()));
  return received_command(std::move(out), appended->front(), value);
}

Result<std::optional<Received>> Intake::command_before(const std::string& kind, const std::string& account_id,
                                                       const std::string& members, const std::string& actor,
                                                       const std::string& idempotency_key) const {
  if (idempotency_key.empty()) return std::nullopt;
  Received out;
  out.fresh = false, out.command = command_id(kind, idempotency_key),
  out.partition = partition_of(account_id, settings_.partitions);
  auto known = queue_.holders("incoming", "command\n" + out.command.text());
  if (!known) return fail(std::move(known.error()));
  if (known->empty()) return std::nullopt;
  if (known->front().value != command_value(out.command, actor, members)) return other_command(out.command);
  out.offset = known->front().offset, out.at = known->front().appended;
  return out;
}

Result<Received> Intake::broadcast(const std::string& kind, const std::string& members, const std::string& actor,
                                   const std::string& idempotency_key) {
  BS_TRY(check_actor(actor));
  Received out;
  out.command = command_id(kind, idempotency_key);
  std::vector<queue::Append> batch;
  for (Partition partition = 0; partition < settings_.partitions; ++partition) {
    queue::Append append;
    append.topic = "incoming", append.partition = partition, append.key = "*", append.schema = "incoming." + kind + "/1";
    append.claim = "command\n" + out.command.text() + "\n" + std::to_string(partition),
    append.mode = queue::ClaimMode::first_only;
    append.value = command_value(out.command, actor, members);
    append.headers = headers_json(out.command.text(), actor, wall_clock(), sha256_hex(append.value));
    batch.push_back(std::move(append));
  }
  BS_TRY(room_unless_known(batch.front().claim, batch.size()));
  const std::string value = batch.front().value;
  auto appended = queue_.append(std::move(batch));
  if (!appended) return fail(std::move(appended.error()));
  const queue::Appended& first = appended->front();
  if (!first.accepted() && first.holders.front().value != value) return other_command(out.command);
  out.fresh = first.accepted();
  out.offset = out.fresh ? first.offset : first.holders.front().offset;
  out.at = out.fresh ? first.at : first.holders.front().appended;
  return out;
}

}  // namespace backstitch
