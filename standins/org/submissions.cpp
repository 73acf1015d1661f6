// The org as a submitter: every attempt and every answer that ends one is a line of the ledger.
#include <boost/json.hpp>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/org/org.h"

namespace backstitch::standin {

void Org::submit(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target) {
  {
    std::lock_guard lock(mutex_);
    given_ = static_cast<std::int64_t>(orders.size());
    std::erase_if(orders, [this](const OrderText& order) {
      return acknowledged_.contains(order.key()) || rejected_.contains(order.key());
    });
  }
  SubmitEvents events{
      .sending = [this](const OrderText& order, int attempt) { note_order("submission", order, attempt, {}); },
      .acknowledged = [this](const OrderText& order, const HttpAnswer& answer) { note_order("acknowledged", order, 0, answer); },
      .rejected = [this](const OrderText& order, const HttpAnswer& answer) { note_order("rejected", order, 0, answer); }};
  submitter_ = std::make_unique<Submitter>(std::move(orders), settings, target, std::move(events));
}

void Org::stop() { submitter_.reset(); }

void Org::note_order(const char* kind, const OrderText& order, int attempt, const HttpAnswer& answer) {
  boost::json::object line{{"kind", kind},
                           {"source", order.source},
                           {"sourceOrderId", order.source_order_id},
                           {"version", order.version},
                           {"sha256", order.sha256},
                           {"at", rfc3339(wall_clock())}};
  if (attempt > 0) line["attempt"] = attempt;
  if (answer.delivery == Delivery::answered) {
    auto document = parse_json(answer.body);
    line["status"] = answer.status;
    line["answer"] = document ? std::move(*document) : boost::json::value(answer.body);
  }
  std::uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    remember_order(kind, order.key());
    number = ledger_->append(line);
  }
  // An attempt is on the disk before it is sent: nothing reaches the platform that the org does not know of.
  ledger_->wait_durable(number);
}

void Org::remember_order(const std::string& kind, const std::string& key) {
  if (kind == "submission") ++submissions_;
  if (kind == "acknowledged") acknowledged_.insert(key);
  if (kind == "rejected") rejected_.insert(key);
}

Status Org::replay(const boost::json::object& line) {
  const std::string kind = text_of(line, "kind");
  if (kind != "update") {
    remember_order(kind,
                   order_key(text_of(line, "source"), text_of(line, "sourceOrderId"), number_of(line, "version").value_or(1)));
    return {};
  }
  const auto update = read_update_line(line);
  if (!update) return fail(update.error());
  records_.apply(*update);
  return {};
}

}  // namespace backstitch::standin
