// What does not go back: the CRM, the archive of incoming, exported changes.
#include <boost/json.hpp>

#include "base/json.h"
#include "model/order.h"
#include "recovery/window/collect.h"
#include "recovery/window/names.h"

namespace backstitch::recovery {
namespace {

void take_crm_order(WindowInput& input, const crm::Record& record) {
  const auto document = parse_json(record.body);
  const boost::json::object none;
  const auto& body = document && document->is_object() ? document->get_object() : none;
  WindowOrder order{.name = order_name_of(body, "orderVersion"), .state = record.state};
  if (order.name.empty()) order.name = fmt::format("? {} 1", record.external_id);
  order.submitted_at = record.submitted_at, order.changed_at = record.modified_at;
  if (const std::string id = window_text(body, "orderId"); !id.empty()) input.name_of_id[id] = order.name;
  input.crm[order.name] = order;
}

void take_crm_asset(WindowInput& input, const crm::Record& record) {
  const auto document = parse_json(record.body);
  const boost::json::object none;
  const auto& body = document && document->is_object() ? document->get_object() : none;
  WindowAsset asset{.reference = record.external_id, .state = record.state, .changed_at = record.modified_at};
  asset.account = window_text(body, "accountId"), asset.order = window_text(body, "orderId");
  const auto* after = body.if_contains("after");
  const auto* before = body.if_contains("before");
  asset.attributes = after ? canonical_json(*after) : "null";
  asset.created = before && before->is_null();
  input.crm_assets[asset.reference] = std::move(asset);
}

void take_crm(WindowInput& input, crm::Crm* crm, Time since) {
  input.crm_known = false;
  if (!crm) {
    input.gaps.push_back({"crm", "there is no CRM to ask", {}, {}});
    return;
  }
  const auto records = crm->changed_since(since.is_set() ? since : input.since.plus_ms(-input.margin_ms));
  if (!records) {
    input.gaps.push_back({"crm", records.error().text(), {}, {}});
    return;
  }
  input.crm_known = true;
  for (const crm::Record& record : *records) {
    if (record.type == "Order") take_crm_order(input, record);
    if (record.type == "Asset") take_crm_asset(input, record);
  }
}

void take_submit(WindowInput& input, const queue::Record& record, Partition partition, const Exclusions& exclusions) {
  if (record.schema != "incoming.submit/1") return;
  const auto document = parse_json(record.value);
  const Result<Order> submitted = document ? parse_order(*document) : fail(document.error());
  if (!submitted) return;  // refused by the fold in writing; there is no order
  WindowOrder order{.name = fmt::format("{} {} {}", submitted->source, submitted->source_order_id, submitted->version),
                    .state = "Submitted"};
  order.submitted_at = order.changed_at = record.appended;
  if (const auto left_out = exclusions.find({partition, record.offset}); left_out != exclusions.end())
    input.excluded.emplace(order.name, left_out->second.why);
  else
    input.archive.emplace(order.name, order);  // the first one counts: a repetition is a duplicate
}

/// What stands in the log from `next` on, and in no archive yet.
Status take_log(WindowInput& input, const WindowSources& sources, Partition partition, queue::Offset next) {
  for (;;) {
    const auto records = sources.log->read("incoming", partition, next, 1000);
    if (!records) return fail(records.error());
    if (records->empty()) return {};
    for (const queue::Record& record : *records) {
      if (record.appended > input.cut.plus_ms(input.margin_ms)) return {};
      take_submit(input, record, partition, sources.exclusions);
    }
    next = records->back().offset + 1;
  }
}

Status take_archive(WindowInput& input, const WindowSources& sources) {
  if (!sources.safe) {
    input.gaps.push_back({"incoming", "there is no archive to read", {}, {}});
    return {};
  }
  for (const database::Position& position : sources.positions) {
    queue::Offset next = position.incoming;  // an archive has no gap: what it passes over was never there
    const Status read = sources.safe->read_archive("incoming", position.partition, next, [&](const queue::Record& record) {
      next = record.offset + 1;
      if (record.appended > input.cut.plus_ms(input.margin_ms)) return false;
      take_submit(input, record, position.partition, sources.exclusions);
      return true;
    });
    // The rows may stand where the archive ends, or behind it: then nothing was received since.
    if (!read && read.error().code != Code::offset_behind_end) return read;
    if (sources.log) BS_TRY(take_log(input, sources, position.partition, next));
  }
  // A submit that stands twice, once left out: it is not in the replay only when no other record brings it.
  for (const auto& [name, order] : input.archive) input.excluded.erase(name);
  return {};
}

/// One for each reason: what expired did so in all partitions alike, and nobody reads 64 lines of it.
std::vector<WindowGap> gaps_of(const AssetChanges& exported) {
  std::map<std::string, WindowGap> out;
  for (const AssetGap& gap : exported.gaps) {
    const auto [found, fresh] = out.try_emplace(gap.why, WindowGap{"order_orderitems", "", gap.from_at, gap.to_at});
    WindowGap& all = found->second;
    // A time that one partition does not know nobody knows.
    all.from = fresh || (gap.from_at.is_set() && gap.from_at > all.from) ? all.from : gap.from_at;
    all.to = fresh || gap.to_at < all.to ? all.to : gap.to_at;
    all.why +=
        fmt::format("{}partition {}: offsets {} to {}", fresh ? gap.why + ": " : ", ", gap.partition, gap.from, gap.to - 1);
  }
  std::vector<WindowGap> gaps;
  for (auto& [why, gap] : out) gaps.push_back(std::move(gap));
  return gaps;
}

void take_exported(WindowInput& input, const AssetChanges* exported) {
  if (!exported) {
    input.gaps.push_back({"order_orderitems", "no asset changes were exported", {}, {}});
    return;
  }
  for (WindowGap& gap : gaps_of(*exported)) input.gaps.push_back(std::move(gap));
  for (const AssetChange& change : exported->items) {
    const auto after = parse_json(change.after);
    const auto [found, fresh] = input.exported.try_emplace(change.reference);
    WindowAsset& asset = found->second;
    if (fresh) asset.created = change.before == "null";  // the first change of the window says whether it is new
    asset.reference = change.reference, asset.account = change.account, asset.order = change.order, asset.state = change.state;
    asset.attributes = after ? canonical_json(*after) : "null", asset.changed_at = change.at;
  }
}

}  // namespace

Status collect_outside(WindowInput& input, const WindowSources& sources) {
  take_crm(input, sources.crm, sources.crm_since);
  BS_TRY(take_archive(input, sources));
  take_exported(input, sources.exported);
  for (auto* assets : {&input.crm_assets, &input.exported})
    for (auto& [reference, asset] : *assets)
      if (const auto name = input.name_of_id.find(asset.order); name != input.name_of_id.end()) asset.order = name->second;
  return {};
}

}  // namespace backstitch::recovery
