#include "recovery/window/window_kept.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "model/states.h"
#include "recovery/prepared/positions.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

using Assets = std::map<std::string, WindowAsset>;

json::value row_of(const std::map<std::string, WindowOrder>& orders, const std::string& name) {
  const auto found = orders.find(name);
  if (found == orders.end()) return nullptr;
  return json::array{found->second.state, found->second.submitted_at.us, found->second.changed_at.us};
}

void order_from(const std::string& name, const json::value& row, std::map<std::string, WindowOrder>& out) {
  if (row.is_null()) return;
  out[name] = {name, json::value_to<std::string>(row.at(0)), Time{row.at(1).to_number<std::int64_t>()},
               Time{row.at(2).to_number<std::int64_t>()}};
}

json::array row_of(const WindowAsset& asset) {
  return {asset.reference, asset.order, asset.state, asset.attributes, asset.changed_at.us, asset.created};
}

WindowAsset asset_from(const std::string& account, const json::value& row) {
  const auto text = [&](std::size_t at) { return json::value_to<std::string>(row.at(at)); };
  return {text(0), account, text(1), text(2), text(3), Time{row.at(4).to_number<std::int64_t>()}, row.at(5).as_bool()};
}

/// "o", whether it is looked at again in any case, its name, and the rest of it as JSON.
void append_line(std::string& lines, char what, bool open, const std::string& name, const json::array& rest) {
  lines += what;
  lines += open ? "\t1\t" : "\t0\t";
  append_json_string(lines, name);
  lines += '\t' + write_json(rest) + '\n';
}

/// A later cut would take it into the window.
bool is_behind(const WindowInput& input, Time at) { return at > input.cut.plus_ms(input.margin_ms); }

bool is_behind(const WindowInput& input, const std::map<std::string, WindowOrder>& orders, const std::string& name) {
  const auto found = orders.find(name);
  return found != orders.end() && (is_behind(input, found->second.submitted_at) || is_behind(input, found->second.changed_at));
}

bool is_activated(const WindowInput& input, const std::string& name) {
  const auto found = input.database.find(name);
  return found != input.database.end() && found->second.state == to_text(OrderState::activated) &&
         found->second.changed_at >= input.since;
}

void keep_orders(const WindowInput& input, WindowKept& kept) {
  for (const WindowClass& one : classify_orders(input)) {
    const bool open = !one.settled || is_behind(input, input.crm, one.subject) || is_behind(input, input.database, one.subject);
    const bool activated = is_activated(input, one.subject);
    ++kept.counted.orders[one.kind], kept.counted.activated += activated;
    append_line(kept.lines, 'o', open, one.subject,
                {one.kind, activated, row_of(input.crm, one.subject), row_of(input.archive, one.subject)});
  }
}

struct AccountKept {
  bool open = false;
  json::object kinds;
  json::array crm, exported;
};

void keep_assets(const WindowInput& input, WindowKept& kept) {
  std::map<std::string, AccountKept> accounts;
  std::map<std::string, std::set<std::string>> accounts_of;  // by reference
  for (const Assets* assets : {&input.crm_assets, &input.exported, &input.database_assets, &input.inventory})
    for (const auto& [reference, asset] : *assets) {
      accounts_of[reference].insert(asset.account);
      accounts[asset.account].open |= is_behind(input, asset.changed_at);
    }
  for (const auto& [reference, asset] : input.crm_assets) accounts[asset.account].crm.push_back(row_of(asset));
  for (const auto& [reference, asset] : input.exported) accounts[asset.account].exported.push_back(row_of(asset));
  for (const WindowClass& one : classify_assets(input)) {
    const std::set<std::string>& owners = accounts_of.at(one.subject);
    ++kept.counted.assets[one.kind];
    json::value& count = accounts[*owners.begin()].kinds[one.kind];
    count = (count.is_null() ? 0 : count.as_int64()) + 1;
    for (const std::string& owner : owners) accounts[owner].open |= !one.settled || owners.size() > 1;
  }
  for (auto& [account, of] : accounts)
    append_line(kept.lines, 'a', of.open, account, {std::move(of.kinds), std::move(of.crm), std::move(of.exported)});
}

/// What was said later stands. Of exported changes the first one tells whether the asset is new.
void take_assets(const json::value& row, const std::string& account, WindowInput& input) {
  for (const json::value& one : row.at(1).as_array()) {
    WindowAsset asset = asset_from(account, one);
    input.crm_assets.try_emplace(asset.reference, asset);
  }
  for (const json::value& one : row.at(2).as_array()) {
    WindowAsset asset = asset_from(account, one);
    const auto [found, fresh] = input.exported.try_emplace(asset.reference, asset);
    if (!fresh) found->second.created = asset.created;
  }
}

/// Of several submits the first one counts.
void take_order(const json::value& row, const std::string& name, WindowInput& input) {
  if (!input.crm.contains(name)) order_from(name, row.at(2), input.crm);
  order_from(name, row.at(3), input.archive);
}

using Written = std::set<std::string, std::less<>>;
Written written(const std::set<std::string>& names) {
  Written out;
  for (const std::string& name : names) {
    std::string text;
    append_json_string(text, name);
    out.insert(std::move(text));
  }
  return out;
}

}  // namespace

WindowKept keep_window(const WindowInput& input) {
  WindowKept kept;
  kept.since = input.since, kept.cut = input.cut, kept.excluded = input.excluded, kept.gaps = input.gaps;
  for (const auto& [id, name] : input.name_of_id)
    if (input.excluded.contains(name)) kept.name_of_id[id] = name;
  keep_orders(input, kept);
  keep_assets(input, kept);
  return kept;
}

Result<std::set<std::string>> take_touched(WindowKept& kept, const WindowTouched& touched, WindowInput& input) {
  const Written orders = written(touched.orders), accounts = written(touched.accounts);
  std::set<std::string> taken;
  for (std::string_view rest = kept.lines; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto tab = line.find('\t', 4);
    if (tab == std::string_view::npos) return fail(Code::json_invalid, "no line of a window: {}", line);
    const std::string_view name = line.substr(4, tab - 4);
    const bool is_order = line[0] == 'o', open = line[2] == '1';
    if (!open && !(is_order ? orders : accounts).contains(name)) continue;
    const auto key = parse_json(name), row = parse_json(line.substr(tab + 1));
    if (!key || !row) return fail(Code::json_invalid, "no line of a window: {}", line);
    const std::string text = json::value_to<std::string>(*key);
    if (is_order) {
      --kept.counted.orders[json::value_to<std::string>(row->at(0))], kept.counted.activated -= row->at(1).as_bool();
      take_order(*row, text, input), taken.insert(text);
    } else {
      for (const auto& [kind, count] : row->at(0).as_object()) kept.counted.assets[kind] -= count.to_number<std::int64_t>();
      take_assets(*row, text, input);
    }
  }
  return taken;
}

std::string window_kept_text(const WindowKept& kept) {
  json::array gaps;
  for (const WindowGap& gap : kept.gaps) gaps.push_back(json::array{gap.store, gap.why, gap.from.us, gap.to.us});
  json::object ends;
  for (const auto& [partition, end] : kept.exported) ends[std::to_string(partition)] = std::to_string(end);
  return write_json(json::object{{"sinceUs", kept.since.us},
                                 {"cutUs", kept.cut.us},
                                 {"askedUs", kept.asked.us},
                                 {"exported", std::move(ends)},
                                 {"positions", positions_array(kept.positions)},
                                 {"orders", json::value_from(kept.counted.orders)},
                                 {"assets", json::value_from(kept.counted.assets)},
                                 {"activated", kept.counted.activated},
                                 {"assetChanges", kept.counted.asset_changes},
                                 {"excluded", json::value_from(kept.excluded)},
                                 {"nameOfId", json::value_from(kept.name_of_id)},
                                 {"gaps", std::move(gaps)}}) +
         "\n" + kept.lines;
}

Result<WindowKept> window_kept_from(std::string_view text) {
  const auto end = std::min(text.find('\n'), text.size());
  json::error_code error;
  const json::value head = json::parse(text.substr(0, end), error);
  if (error || !head.is_object()) return fail(Code::json_invalid, "no window that was kept");
  const auto number = [&](const char* name) { return head.at(name).to_number<std::int64_t>(); };
  WindowKept kept;
  kept.since = {number("sinceUs")}, kept.cut = {number("cutUs")}, kept.asked = {number("askedUs")};
  for (const auto& [partition, offset] : head.at("exported").as_object())
    kept.exported[std::stoi(std::string(partition))] = std::stoull(json::value_to<std::string>(offset));
  kept.positions = positions_from(head.at("positions").as_array());
  kept.counted.orders = json::value_to<std::map<std::string, std::int64_t>>(head.at("orders"));
  kept.counted.assets = json::value_to<std::map<std::string, std::int64_t>>(head.at("assets"));
  kept.counted.activated = number("activated"), kept.counted.asset_changes = number("assetChanges");
  kept.excluded = json::value_to<std::map<std::string, std::string>>(head.at("excluded"));
  kept.name_of_id = json::value_to<std::map<std::string, std::string>>(head.at("nameOfId"));
  for (const json::value& gap : head.at("gaps").as_array())
    kept.gaps.push_back({json::value_to<std::string>(gap.at(0)), json::value_to<std::string>(gap.at(1)),
                         Time{gap.at(2).to_number<std::int64_t>()}, Time{gap.at(3).to_number<std::int64_t>()}});
  kept.lines = text.substr(std::min(end + 1, text.size()));
  return kept;
}

}  // namespace backstitch::recovery
