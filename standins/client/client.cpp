#include "standins/client/client.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/time.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

Result<std::unique_ptr<Ledger>> open_file(const std::string& path, std::set<std::string>& keys) {
  return Ledger::open(path, [&keys](const boost::json::object& line) -> Status {
    keys.insert(order_key(text_of(line, "source"), text_of(line, "sourceOrderId"), number_of(line, "version").value_or(1)));
    return {};
  });
}

}  // namespace

Result<std::unique_ptr<Client>> Client::open(const std::string& data) {
  auto client = std::make_unique<Client>();
  auto acknowledged = open_file(data + "/acknowledged.jsonl", client->acknowledged_);
  if (!acknowledged) return fail(std::move(acknowledged.error()));
  auto rejected = open_file(data + "/rejected.jsonl", client->rejected_);
  if (!rejected) return fail(std::move(rejected.error()));
  client->acknowledged_file_ = std::move(*acknowledged);
  client->rejected_file_ = std::move(*rejected);
  return client;
}

void Client::submit(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target) {
  given_ = static_cast<std::int64_t>(orders.size());
  std::erase_if(
      orders, [this](const OrderText& order) { return acknowledged_.contains(order.key()) || rejected_.contains(order.key()); });
  SubmitEvents events{
      .sending =
          [this](const OrderText&, int) {
            std::lock_guard lock(mutex_);
            ++attempts_;
          },
      .acknowledged = [this](const OrderText& order,
                             const HttpAnswer& answer) { note(*acknowledged_file_, acknowledged_, order, answer); },
      .rejected = [this](const OrderText& order, const HttpAnswer& answer) { note(*rejected_file_, rejected_, order, answer); }};
  submitter_ = std::make_unique<Submitter>(std::move(orders), settings, target, std::move(events));
}

void Client::note(Ledger& ledger, std::set<std::string>& keys, const OrderText& order, const HttpAnswer& answer) {
  auto document = parse_json(answer.body);
  const boost::json::object line{{"source", order.source},
                                 {"sourceOrderId", order.source_order_id},
                                 {"version", order.version},
                                 {"sha256", order.sha256},
                                 {"at", rfc3339(wall_clock())},
                                 {"status", answer.status},
                                 {"answer", document ? std::move(*document) : boost::json::value(answer.body)}};
  std::uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    keys.insert(order.key());
    number = ledger.append(line);
  }
  ledger.wait_durable(number);
}

boost::json::object Client::summary() const {
  // Settled before it is told: a count that a kill could take back would be no account.
  std::lock_guard lock(mutex_);
  acknowledged_file_->settle();
  rejected_file_->settle();
  const auto ended = static_cast<std::int64_t>(acknowledged_.size() + rejected_.size());
  return {{"given", given_},
          {"attempts", attempts_},
          {"acknowledged", acknowledged_.size()},
          {"rejected", rejected_.size()},
          {"open", std::max<std::int64_t>(0, given_ - ended)}};
}

}  // namespace backstitch::standin
