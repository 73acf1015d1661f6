#include "services/crm_sync/crm_sync.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"

namespace backstitch {
namespace {

constexpr std::size_t records_in_round = 400;
constexpr auto retry_pause = std::chrono::milliseconds(100);

}  // namespace

crm::Update crm_update_of(const queue::Record& record) {
  crm::Update update;
  update.body = record.value;
  auto body = parse_json(record.value);
  auto headers = parse_json(record.headers.empty() ? "{}" : record.headers);
  if (!body || !body->is_object() || !headers || !headers->is_object()) return update;
  const auto& object = body->get_object();
  auto text = [&](const char* name) {
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  const std::string type = text("type");
  update.type = type == "order" ? "Order" : type == "orderItem" ? "OrderItem" : "Asset";
  update.external_id = type == "order"       ? text("sourceOrderId")
                       : type == "orderItem" ? text("sourceOrderId") + ":" + text("lineId")
                                             : text("assetRef");
  update.state = text("state");
  if (const auto* version = object.if_contains("version")) update.version = version->to_number<std::uint64_t>();
  if (const auto* epoch = headers->get_object().if_contains("bs-epoch")) update.epoch = epoch->to_number<std::uint64_t>();
  return update;
}

CrmSync::CrmSync(queue::Queue& queue, database::Database& database, crm::Crm& crm, int partitions, Seals seals)
    : queue_(queue), database_(database), crm_(crm), partitions_(partitions), seals_(std::move(seals)) {
  subscription_ = queue_.subscribe("order_orderitems", [this] {
    {
      const std::lock_guard lock(mutex_);
      news_ = true;
    }
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

CrmSync::~CrmSync() {
  stop_ = true;
  wake_.notify_all();
  thread_.join();
  subscription_.reset();
}

void CrmSync::run() {
  while (!stop_) {
    if (!loaded_) loaded_ = load_positions().has_value();
    const bool busy = loaded_ && deliver_round();
    std::unique_lock lock(mutex_);
    if (!busy) wake_.wait_for(lock, retry_pause, [this] { return stop_ || (loaded_ && news_); });
    news_ = false;
  }
}

Status CrmSync::load_positions() {
  auto stored = database_.crm_positions();
  if (!stored) return fail(std::move(stored.error()));
  for (Partition partition = 0; partition < partitions_; ++partition) {
    const auto found = stored->find(partition);
    positions_[partition] = found == stored->end() ? 1 : found->second;
    BS_TRY(queue_.open_behind("order_orderitems", partition, positions_[partition]));
  }
  return {};
}

void CrmSync::pass_over(const std::map<Partition, std::uint64_t>& positions) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [partition, position] : positions) passed_[partition] = std::max(passed_[partition], position);
    news_ = true;
  }
  wake_.notify_all();
}

bool CrmSync::take_passed() {
  std::map<Partition, std::uint64_t> passed;
  {
    const std::lock_guard lock(mutex_);
    passed = passed_;
  }
  std::erase_if(passed, [this](const auto& entry) { return positions_[entry.first] >= entry.second; });
  if (passed.empty()) return true;
  if (const Status stored = database_.store_crm_positions(passed); !stored) {
    log_warn("crm_positions", "error=\"{}\"", stored.error().text());
    return false;
  }
  for (const auto& [partition, position] : passed) positions_[partition] = position;
  return true;
}

bool CrmSync::deliver_round() {
  if (!take_passed()) return false;
  std::map<std::pair<std::string, std::string>, crm::Update> net;  // only the last state of each thing counts
  std::map<Partition, std::uint64_t> moved;
  std::size_t count = 0;
  for (const auto& [partition, position] : positions_) {
    if (count >= records_in_round) break;
    auto records = queue_.read("order_orderitems", partition, position, records_in_round - count);
    if (!records) {
      // Updates that expired undelivered are named, never passed over in silence.
      log_error("crm_position", "partition={} position={} error=\"{}\"", partition, position, records.error().text());
      continue;
    }
    if (records->empty()) continue;
    for (const queue::Record& record : *records) {
      if (record.schema.ends_with(".seal/1")) continue;  // of a recovery: it ends an epoch and tells the CRM nothing
      crm::Update update = crm_update_of(record);
      // Of a ghost: the recovery has told the CRM how everything stands, and of what is not there any more it can say nothing.
      if (is_overtaken(seals_, partition, record.offset, update.epoch)) continue;
      auto& slot = net[{update.type, update.external_id}];
      if (std::pair(update.epoch, update.version) >= std::pair(slot.epoch, slot.version) || slot.external_id.empty())
        slot = std::move(update);
    }
    moved[partition] = records->back().offset + 1;
    count += records->size();
  }
  lag_ = count;
  if (count == 0) return false;
  std::vector<crm::Update> updates;
  for (auto& [name, update] : net) updates.push_back(std::move(update));
  if (!deliver_all(std::move(updates))) return false;
  if (const Status stored = database_.store_crm_positions(moved); !stored) {
    log_warn("crm_positions", "error=\"{}\"", stored.error().text());  // delivered again: the CRM ignores what it knows
    return false;
  }
  for (const auto& [partition, position] : moved) positions_[partition] = position;
  lag_ = 0;
  return true;
}

bool CrmSync::deliver_all(std::vector<crm::Update> updates) {
  while (!updates.empty() && !stop_) {
    auto results = crm_.deliver(updates);
    if (!results) {
      log_warn("crm", "error=\"{}\"", results.error().text());
      return false;
    }
    std::vector<crm::Update> again;
    for (std::size_t i = 0; i < updates.size(); ++i) {
      const crm::DeliveryResult& result = (*results)[i];
      if (result.state == crm::Delivered::ok) ++delivered_;
      if (result.state == crm::Delivered::retry) again.push_back(std::move(updates[i]));
      if (result.state == crm::Delivered::refused) {
        ++refused_;
        log_error("crm_refused", "type={} id={} detail=\"{}\"", updates[i].type, updates[i].external_id, result.detail);
      }
    }
    updates = std::move(again);
    if (updates.empty()) break;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, retry_pause, [this] { return stop_.load(); });
  }
  return updates.empty();
}

}  // namespace backstitch
