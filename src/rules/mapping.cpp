#include "rules/mapping.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

void note_once(std::vector<std::string>& notices, std::string text) {
  if (std::find(notices.begin(), notices.end(), text) == notices.end()) notices.push_back(std::move(text));
}

bool has_attribute(const Product& product, const std::string& name) {
  return product.attributes.empty() ||
         std::find(product.attributes.begin(), product.attributes.end(), name) != product.attributes.end();
}

const Value* listed(const Mapping& mapping, const std::string& key) {
  for (const auto& [from, to] : mapping.pairs)
    if (from == key) return &to;
  return nullptr;
}

Value or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value resolve_line(std::string_view name, const Scene& scene) {
  if (name.starts_with("attribute.") || name.starts_with("field.")) return look_up(scene, name).value;
  const DownstreamItem* downstream = scene.downstream;
  if (downstream && name == "action") return std::string(to_text(downstream->action));
  if (downstream && name == "quantity") return downstream->quantity;
  if (downstream && name == "scope") return downstream->scope_key;
  if (!scene.line) return {};
  if (name == "lineId" || name == "scope") return scene.line->line_id;
  if (name == "action") return std::string(to_text(scene.line->action));
  if (name == "quantity") return scene.line->quantity;
  if (name == "assetRef") return or_null(scene.line->asset_ref);
  return {};
}

constexpr std::string_view known_paths[] = {"$line.lineId",   "$line.action",     "$line.quantity",     "$line.assetRef",
                                            "$line.scope",    "$order.accountId", "$order.orderNumber", "$order.sourceOrderId",
                                            "$order.source",  "$order.version",   "$product.key",       "$product.name",
                                            "$product.class", "$item.key",        "$item.plan",         "$item.instance"};
constexpr std::string_view open_paths[] = {"$line.attribute.", "$line.field.", "$order.field."};

json::object members(const ItemDefinition& definition, const PlanItem& item, const Scene& scene) {
  json::object out;
  for (const auto& [name, path] : definition.request) out[name] = to_json(resolve(path, scene, item));
  return out;
}

// One step of a JSON path: a member's name, then any number of [index].
struct Step {
  std::string_view name;
  std::vector<std::size_t> indexes;
};

std::optional<std::vector<Step>> parse_path(std::string_view path) {
  if (path == "$") return std::vector<Step>();
  if (!path.starts_with("$.")) return std::nullopt;
  path.remove_prefix(2);
  std::vector<Step> steps;
  for (bool more = true; more;) {
    const auto dot = path.find('.');
    std::string_view part = path.substr(0, dot);
    more = dot != std::string_view::npos;
    if (more) path.remove_prefix(dot + 1);
    const auto bracket = part.find('[');
    Step step{part.substr(0, bracket), {}};
    if (step.name.empty()) return std::nullopt;
    part = bracket == std::string_view::npos ? std::string_view() : part.substr(bracket);
    while (!part.empty()) {
      std::size_t index = 0;
      const auto close = part.find(']');
      if (part[0] != '[' || close == std::string_view::npos) return std::nullopt;
      const auto [end, ec] = std::from_chars(part.data() + 1, part.data() + close, index);
      if (ec != std::errc() || end != part.data() + close) return std::nullopt;
      step.indexes.push_back(index);
      part.remove_prefix(close + 1);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

const json::value* walk(const json::value& root, std::string_view path) {
  const auto steps = parse_path(path);
  if (!steps) return nullptr;
  const json::value* at = &root;
  for (const Step& step : *steps) {
    const json::object* object = at->if_object();
    at = object ? object->if_contains(step.name) : nullptr;
    for (const std::size_t index : step.indexes) {
      const json::array* list = at ? at->if_array() : nullptr;
      at = list && index < list->size() ? &(*list)[index] : nullptr;
    }
    if (!at) return nullptr;
  }
  return at;
}

constexpr std::string_view response_target = "$line.attribute.";

}  // namespace

void apply_mappings(const DecompositionRule& rule, const Scene& scene, const Product& destination, Attributes& target,
                    std::vector<std::string>& notices) {
  for (const Mapping& mapping : rule.mappings) {
    if (!has_attribute(destination, mapping.to)) {
      note_once(notices,
                fmt::format("{}: mapping to {} ignored, {} has no such attribute", rule.key, mapping.to, destination.key));
      continue;
    }
    if (mapping.type == MappingType::fixed) {
      target.set(mapping.to, mapping.value);
      continue;
    }
    const Lookup source = look_up(scene, mapping.from);
    if (!source.exists) {
      note_once(notices, fmt::format("{}: mapping from {} ignored, not known on {}", rule.key, mapping.from,
                                     scene.product ? scene.product->key : "the line"));
      continue;
    }
    // What is not set must not wipe out what another source has set.
    if (!source.given) continue;
    if (mapping.type == MappingType::ad_verbatim)
      target.set(mapping.to, source.value);
    else if (const Value* value = listed(mapping, text_of(source.value)))
      target.set(mapping.to, *value);
  }
}

Value resolve(std::string_view path, const Scene& scene, const PlanItem& item) {
  if (!path.starts_with('$')) return std::string(path);
  if (path.starts_with("$line.")) return resolve_line(path.substr(6), scene);
  if (path.starts_with("$order.") || path.starts_with("$product.")) return look_up(scene, path.substr(1)).value;
  if (path == "$item.key") return item.plan + "/" + item.item;
  if (path == "$item.plan") return item.plan;
  if (path == "$item.instance") return item.instance;
  return {};
}

std::string path_fault(std::string_view path) {
  if (!path.starts_with('$')) return {};
  if (std::find(std::begin(known_paths), std::end(known_paths), path) != std::end(known_paths)) return {};
  for (const std::string_view prefix : open_paths)
    if (path.starts_with(prefix) && path.size() > prefix.size()) return {};
  return fmt::format(
      "\"{}\" is none of $line.attribute.…, $line.field.…, $line.lineId, $order.accountId, $order.field.…, $product.key, "
      "$item.key …",
      path);
}

std::string response_fault(std::string_view target, std::string_view json_path) {
  if (!target.starts_with(response_target) || target.size() == response_target.size())
    return fmt::format("the target \"{}\" is not $line.attribute.NAME", target);
  if (!parse_path(json_path)) return fmt::format("\"{}\" is not a path such as $.a.b or $.list[0].c", json_path);
  return {};
}

std::string build_request(const ItemDefinition& definition, const PlanItem& item, const std::vector<Scene>& scenes) {
  json::object body = members(definition, item, scenes.empty() ? Scene() : scenes.front());
  if (scenes.size() > 1) {
    json::array list;
    for (const Scene& scene : scenes) list.push_back(members(definition, item, scene));
    body["items"] = std::move(list);
  }
  return canonical_json(body);
}

std::vector<std::pair<std::string, Value>> apply_response(const ItemDefinition& definition, const json::value& answer) {
  std::vector<std::pair<std::string, Value>> out;
  for (const auto& [target, path] : definition.response)
    if (const json::value* value = walk(answer, path))
      out.emplace_back(target.substr(response_target.size()), value_from(*value));
  return out;
}

const std::string& choose_interface(const ItemDefinition& definition, const Scene& scene) {
  for (const InterfaceRoute& route : definition.routes)
    if (holds(route.when, scene)) return route.interface;
  return definition.interface;
}

}  // namespace backstitch
