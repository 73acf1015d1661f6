#include "demo/asset_orders.h"

#include "base/json.h"
#include "demo/only_call.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

constexpr std::int64_t day_ms = 86'400'000;

std::string order_of(const StrayOrder& like, const Asset& asset, const char* source, const char* id, Action action) {
  json::object document = parse_json(like.again)->as_object();  // ours: it was drawn
  document["source"] = source;
  document["sourceOrderId"] = document["orderNumber"] = id;
  document["accountId"] = asset.account;
  // People take tasks by the age of their orders: a busy house would keep this one until the window is over.
  document["requestedAt"] = rfc3339(parse_rfc3339(json::value_to<std::string>(document["requestedAt"]))->plus_ms(-day_ms));
  document["items"] = json::array{json::object{{"lineId", "1"},
                                               {"product", asset.product},
                                               {"action", to_text(action)},
                                               {"quantity", 1},
                                               {"assetRef", asset.reference},
                                               {"attributes", asset.attributes}}};
  return canonical_json(document);
}

/// Everything is there, with the values that were answered when it was made.
InventoryView all_there(const std::vector<std::string>& answered) {
  Attributes values;
  for (const std::string& name : answered) values.set(name, std::string("there"));
  return {[values](const std::string&, const std::string&, const std::string& reference) {
    return std::optional(InventoryView::Item{values, reference});
  }};
}

Result<OnlyCall> call_of(const Catalog& catalog, const std::string& text, const InventoryView& inventory) {
  const auto document = parse_json(text);
  if (!document) return fail(document.error());
  const auto order = parse_order(*document);
  return order ? only_call_of(catalog, *order, inventory) : fail(order.error());
}

}  // namespace

std::string order_to_end(const StrayOrder& like, const Asset& asset) {
  return order_of(like, asset, stray_source, end_id, Action::disconnect);
}

std::string order_back(const StrayOrder& like, const Asset& asset) {
  return order_of(like, asset, again_source, back_id, Action::add);
}

Result<bool> asks_otherwise_when_there(const Catalog& catalog, const StrayOrder& like) {
  const Asset asset{"reference", "account", like.product, {}};
  const auto anew = call_of(catalog, order_back(like, asset), {});
  if (!anew) return fail(anew.error());
  const auto there = call_of(catalog, order_back(like, asset), all_there(anew->record));
  if (!there) return fail(there.error());
  const auto end = call_of(catalog, order_to_end(like, asset), all_there(anew->record));
  if (!end) return fail(end.error());
  return anew->system == like.system && there->system == like.system && end->system == like.system &&
         anew->request != there->request;
}

}  // namespace backstitch::demo
