#include "fold/crm_refresh.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "base/json.h"
#include "base/json_member.h"
#include "engine/crm/held.h"
#include "fold/stored_orders.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::size_t records_in_piece = 256;
constexpr int versions_looked_at = 9, orders_looked_at = 1'000;
constexpr std::string_view fields_begin = "fields.";

json::object object_of(const std::string& document) {
  const auto read = parse_json(document);
  return read && read->is_object() ? read->get_object() : json::object();
}

/// What a record is about, as far as it says so itself.
struct Named {
  const crm::ChangedRecord* changed;
  std::string source, source_order_id, line_id;
  std::int64_t version = 0;  // 0: it does not say
  const crm::Record& record() const { return changed->record; }
};

/// A line that no update has told of yet has nothing but its key: every beginning of it may be the order's.
std::vector<std::string> possible_orders(const Named& named) {
  if (!named.source_order_id.empty()) return {named.source_order_id};
  std::vector<std::string> out;
  const std::string& key = named.record().external_id;
  if (named.record().type == "OrderItem")
    for (auto at = key.find(':'); at != std::string::npos; at = key.find(':', at + 1)) out.push_back(key.substr(0, at));
  return out;
}

Named name_of(const crm::ChangedRecord& changed) {
  const json::object body = object_of(changed.record.body);
  Named named{&changed, text_in(body, "source"), text_in(body, "sourceOrderId"), text_in(body, "lineId")};
  if (const json::value* version = body.if_contains("orderVersion"); version && version->is_int64())
    named.version = version->get_int64();
  return named;
}

bool is_same(const Value& held, const Value& found) { return held == found || text_of(held) == text_of(found); }

/// Of a time the CRM may keep the day alone, or write it in its own way.
bool is_same_time(const std::string& held, const std::string& found) {
  constexpr std::size_t day_size = 10;
  if (found.size() == day_size) return held.starts_with(found);
  const auto mine = parse_rfc3339(held), theirs = parse_rfc3339(found);
  return mine && theirs && mine->ms() == theirs->ms();
}

/// What is empty there was never filled, unless it was taken over from there before.
void take_theirs(CrmFinding& finding, const json::object& theirs, const CrmHeld& taken,
                 const std::function<Value(const std::string&)>& held) {
  for (const auto& [name, json] : theirs) {
    if (!std::string_view(name).starts_with(fields_begin)) continue;
    const std::string field(std::string_view(name).substr(fields_begin.size()));
    const Value found = value_from(json), ours = held(field);
    if (is_same(ours, found) || (is_null(found) && !taken.fields.find(field))) continue;
    finding.input.fields.set(field, found), finding.before.set(field, ours);
  }
}

class Comparison {
 public:
  Comparison(database::Database& database, database::Shard& shard, CatalogLibrary& library, CrmFindings& out)
      : database_(database), shard_(shard), library_(library), out_(out) {}

  Status run(const std::vector<Named>& piece) {
    std::vector<Named> orders, assets;
    for (const Named& named : piece) (named.record().type == "Asset" ? assets : orders).push_back(named);
    BS_TRY(compare_orders(orders));
    return compare_assets(assets);
  }

 private:
  Status compare_orders(const std::vector<Named>& piece) {
    auto heads = find_heads(piece);
    if (!heads) return fail(std::move(heads.error()));
    std::map<OrderId, std::vector<Named>> by_order;
    for (const Named& named : piece) {
      const auto order = order_of(named, *heads);
      if (!order)
        ++out_.unknown;
      else
        by_order[*order].push_back(named);
    }
    std::vector<OrderId> ids;
    for (const auto& [id, records] : by_order) ids.push_back(id);
    const auto stored = read_orders(shard_, library_, ids);
    if (!stored) return fail(stored.error());
    for (const auto& order : *stored)
      for (const Named& named : by_order[order->id]) compare_order(*order, named);
    return {};
  }

  using Heads = std::multimap<std::string, database::OrderHead>;  // by source order id

  Result<Heads> find_heads(const std::vector<Named>& piece) {
    std::vector<OrderKeyRow> wanted;
    for (const Named& named : piece) {
      if (named.source.empty()) BS_TRY(learn_sources());
      const std::set<std::string> sources = named.source.empty() ? sources_ : std::set{named.source};
      for (const std::string& id : possible_orders(named))
        for (const std::string& source : sources)
          for (int version = 1; version <= versions_looked_at; ++version)
            if (named.version == 0 || named.version == version) wanted.push_back({source, id, version, {}, 0});
      if (named.version > versions_looked_at)
        wanted.push_back({named.source, named.source_order_id, static_cast<std::int32_t>(named.version), {}, 0});
    }
    const auto found = database_.find_orders(wanted);
    if (!found) return fail(found.error());
    Heads heads;
    for (const database::OrderHead& head : *found) heads.emplace(head.key.source_order_id, head);
    return heads;
  }

  /// Of whom an order may be that says it of itself nowhere: those of the orders that are here.
  Status learn_sources() {
    if (!sources_.empty()) return {};
    database::ListFilter filter;
    filter.limit = orders_looked_at;
    const auto listed = database_.orders(filter);
    if (!listed) return fail(listed.error());
    const json::object page = object_of(*listed);
    if (const json::value* items = page.if_contains("items"); items && items->is_array())
      for (const json::value& one : items->get_array())
        if (one.is_object()) sources_.insert(text_in(one.get_object(), "source"));
    sources_.insert("");  // looked up once
    return {};
  }

  /// The newest version of the one order that it can be; none when it is nobody's, or could be that of several.
  static std::optional<OrderId> order_of(const Named& named, const Heads& heads) {
    const database::OrderHead* newest = nullptr;
    for (const std::string& id : possible_orders(named)) {
      const auto [begin, end] = heads.equal_range(id);
      for (auto at = begin; at != end; ++at) {
        const database::OrderHead& head = at->second;
        if (!named.source.empty() && head.key.source != named.source) continue;
        if (newest && (newest->key.source != head.key.source || newest->key.source_order_id != id)) return std::nullopt;
        if (!newest || newest->key.version < head.key.version) newest = &head;
      }
    }
    return newest ? std::optional(newest->key.order) : std::nullopt;
  }

  void compare_order(const OrderWork& order, const Named& named) {
    const crm::Record& record = named.record();
    CrmFinding finding = finding_of(record, order.partition, order.order.account_id);
    finding.input.order = order.id;
    std::string& line = finding.input.line_id;
    if (record.type == "OrderItem") {
      line = named.line_id;
      if (line.empty())
        line = record.external_id.substr(std::min(order.order.source_order_id.size() + 1, record.external_id.size()));
      if (order.order.line_index(line) < 0) return void(++out_.unknown);
    }
    const CrmHeld held = held_of(order.order, {line, ""});
    if (record.modified_at < held.modified_at) return void(++out_.same);  // a later reading of it was decided already
    take_theirs(finding, object_of(named.changed->theirs), held,
                [&](const std::string& field) { return held_value(order.order, line, "fields." + field); });
    for (const auto& [name, json] : object_of(named.changed->untold)) {
      const std::string ours(name);
      const Value mine = held_value(order.order, line, ours), found = value_from(json);
      if (is_null(mine) || is_null(found) || is_same(mine, found)) continue;  // an empty field was never filled
      if (ours == "requestedAt" && is_same_time(text_of(mine), text_of(found))) continue;
      finding.input.differences.push_back({ours, ours, text_of(mine), text_of(found)});
    }
    settle(std::move(finding), *named.changed);
  }

  Status compare_assets(const std::vector<Named>& piece) {
    std::set<std::string> accounts;
    for (const Named& named : piece)
      if (std::string account = text_in(object_of(named.record().body), "accountId"); !account.empty())
        accounts.insert(std::move(account));
    const auto stored = shard_.load_accounts({accounts.begin(), accounts.end()});
    if (!stored) return fail(stored.error());
    std::map<std::string, const AssetRow*> assets;
    for (const database::StoredAccount& account : *stored)
      for (const AssetRow& asset : account.assets) assets[asset.asset_ref] = &asset;
    std::map<OrderId, std::vector<std::pair<const AssetRow*, const Named*>>> by_order;
    for (const Named& named : piece) {
      const auto found = assets.find(named.record().external_id);
      if (found == assets.end())
        ++out_.unknown;
      else
        by_order[found->second->changed_by].push_back({found->second, &named});
    }
    std::vector<OrderId> ids;
    for (const auto& [id, found] : by_order) ids.push_back(id);
    const auto orders = read_orders(shard_, library_, ids);
    if (!orders) return fail(orders.error());
    if (orders->size() != ids.size()) return fail(Code::row_broken, "an asset was changed by an order that is not there");
    for (const auto& order : *orders)
      for (const auto& [asset, named] : by_order[order->id]) compare_asset(*order, *asset, *named->changed);
    return {};
  }

  void compare_asset(const OrderWork& order, const AssetRow& asset, const crm::ChangedRecord& changed) {
    const CrmHeld held = held_of(order.order, {"", asset.asset_ref});
    if (changed.record.modified_at < held.modified_at) return void(++out_.same);
    CrmFinding finding = finding_of(changed.record, asset.partition, asset.account_id);
    finding.input.order = asset.changed_by, finding.input.asset_ref = asset.asset_ref;
    take_theirs(finding, object_of(changed.theirs), held, [&](const std::string& field) {
      const Value* value = held.fields.find(field);
      return value ? *value : Value();
    });
    settle(std::move(finding), changed);
  }

  static CrmFinding finding_of(const crm::Record& record, Partition partition, const std::string& account) {
    CrmFinding finding{.partition = partition, .input = {}, .before = {}, .listed_only = false, .why = {}};
    finding.input.account_id = account, finding.input.type = record.type, finding.input.external_id = record.external_id;
    finding.input.modified_at = record.modified_at;
    return finding;
  }

  void settle(CrmFinding finding, const crm::ChangedRecord& changed) {
    for (const crm::Difference& one : changed.differences)
      finding.input.differences.push_back({one.ours, one.field, one.sent, one.found});
    if (changed.record.state == crm::deleted_state) {
      finding.listed_only = true, finding.why = "deleted in the CRM; what is said of it would make another one";
      finding.input.fields = {}, finding.before = {}, finding.input.differences.clear();
    } else if (finding.input.fields.empty() && finding.input.differences.empty()) {
      return void(++out_.same);
    }
    out_.findings.push_back(std::move(finding));
  }

  database::Database& database_;
  database::Shard& shard_;
  CatalogLibrary& library_;
  CrmFindings& out_;
  std::set<std::string> sources_;
};

}  // namespace

Result<CrmFindings> compare_with_crm(database::Database& database, database::Shard& shard, CatalogLibrary& library,
                                     const crm::Changes& changes, const CrmProgress& progress) {
  CrmFindings out;
  out.records = changes.records.size(), out.covered = changes.covered;
  Comparison comparison(database, shard, library, out);
  for (std::size_t from = 0; from < changes.records.size(); from += records_in_piece) {
    std::vector<Named> piece;
    const std::size_t end = std::min(from + records_in_piece, changes.records.size());
    for (std::size_t i = from; i < end; ++i) piece.push_back(name_of(changes.records[i]));
    BS_TRY(comparison.run(piece));
    if (progress) progress(end, changes.records.size());
  }
  return out;
}

}  // namespace backstitch
