#include "model/order.h"

#include <boost/json.hpp>
#include <unordered_map>

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::pair<Action, const char*> action_names[] = {{Action::add, "Add"},
                                                           {Action::change, "Change"},
                                                           {Action::disconnect, "Disconnect"},
                                                           {Action::no_change, "NoChange"},
                                                           {Action::renew, "Renew"}};

// Collects faults while it reads members of one object.
class Reader {
 public:
  Reader(const json::object& object, std::string pointer, std::vector<Fault>& faults)
      : object_(object), pointer_(std::move(pointer)), faults_(faults) {}

  std::string text(const char* name, bool required) {
    const json::value* value = member(name, required);
    if (!value) return {};
    if (!value->is_string()) return fault(name, "must be a text"), std::string();
    if (value->get_string().size() > 255) return fault(name, "has more than 255 bytes"), std::string();
    if (required && value->get_string().empty()) return fault(name, "must not be empty"), std::string();
    return std::string(value->get_string());
  }
  std::optional<std::int64_t> whole(const char* name, std::int64_t least) {
    const json::value* value = member(name, false);
    if (!value) return std::nullopt;
    if (!value->is_int64() || value->get_int64() < least)
      return fault(name, fmt::format("must be a whole number of at least {}", least)), std::nullopt;
    return value->get_int64();
  }
  Attributes map(const char* name) {
    const json::value* value = member(name, false);
    if (!value) return {};
    if (!value->is_object()) return fault(name, "must be an object"), Attributes();
    return attributes_from(*value);
  }
  const json::value* member(const char* name, bool required) {
    const json::value* value = object_.if_contains(name);
    if (value && !value->is_null()) return value;
    if (required) fault(name, "is missing");
    return nullptr;
  }
  void fault(const std::string& name, std::string detail) {
    faults_.push_back({pointer_ + "/" + name, Code::order_field_invalid, std::move(detail)});
  }

 private:
  const json::object& object_;
  std::string pointer_;
  std::vector<Fault>& faults_;
};

OrderLine parse_line(const json::value& value, const std::string& pointer, std::vector<Fault>& faults) {
  OrderLine line;
  if (!value.is_object()) return faults.push_back({pointer, Code::order_field_invalid, "must be an object"}), line;
  Reader reader(value.get_object(), pointer, faults);
  line.line_id = reader.text("lineId", true);
  line.parent_line_id = reader.text("parentLineId", false);
  line.product = reader.text("product", true);
  const std::string action = reader.text("action", true);
  if (const auto parsed = action_from(action))
    line.action = *parsed;
  else if (!action.empty())
    reader.fault("action", fmt::format("\"{}\" is none of Add, Change, Disconnect, NoChange, Renew", action));
  line.quantity = reader.whole("quantity", 0).value_or(1);
  line.asset_ref = reader.text("assetRef", false);
  line.attributes = reader.map("attributes");
  line.fields = reader.map("fields");
  return line;
}

// Parents by index, roots by walking up; a cycle among lines is a fault of each line in it.
void link_lines(Order& order, std::vector<Fault>& faults) {
  std::unordered_map<std::string, int> by_id;
  const int count = static_cast<int>(order.lines.size());
  auto pointer = [](int i, const char* name) { return fmt::format("/items/{}/{}", i, name); };
  for (int i = 0; i < count; ++i)
    if (const std::string& id = order.lines[static_cast<std::size_t>(i)].line_id; !id.empty() && !by_id.emplace(id, i).second)
      faults.push_back({pointer(i, "lineId"), Code::order_field_invalid, fmt::format("\"{}\" stands twice", id)});
  for (int i = 0; i < count; ++i) {
    OrderLine& line = order.lines[static_cast<std::size_t>(i)];
    line.root = i;
    if (line.parent_line_id.empty()) continue;
    const auto parent = by_id.find(line.parent_line_id);
    if (parent == by_id.end())
      faults.push_back(
          {pointer(i, "parentLineId"), Code::order_field_invalid, fmt::format("no line \"{}\"", line.parent_line_id)});
    else
      line.parent = parent->second;
  }
  for (int i = 0; i < count; ++i) {
    int at = i, steps = 0;
    while (order.lines[static_cast<std::size_t>(at)].parent >= 0 && steps <= 64)
      at = order.lines[static_cast<std::size_t>(at)].parent, ++steps;
    if (steps > 64) faults.push_back({pointer(i, "parentLineId"), Code::order_field_invalid, "more than 64 levels, or a cycle"});
    order.lines[static_cast<std::size_t>(i)].root = at;
  }
}

}  // namespace

const char* to_text(Action action) {
  for (const auto& [value, name] : action_names)
    if (value == action) return name;
  return "";
}

std::optional<Action> action_from(std::string_view text) {
  for (const auto& [value, name] : action_names)
    if (text == name) return value;
  return std::nullopt;
}

int Order::line_index(std::string_view line_id) const {
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].line_id == line_id) return static_cast<int>(i);
  return -1;
}

Result<Order> parse_order(const json::value& document) {
  Error error{Code::order_invalid, "the document does not describe an order", {}};
  if (!document.is_object()) {
    error.faults.push_back({"", Code::order_field_invalid, "must be an object"});
    return fail(std::move(error));
  }
  Order order;
  Reader reader(document.get_object(), "", error.faults);
  order.source = reader.text("source", true);
  order.source_order_id = reader.text("sourceOrderId", true);
  order.version = static_cast<std::int32_t>(reader.whole("version", 1).value_or(1));
  order.order_number = reader.text("orderNumber", false);
  order.account_id = reader.text("accountId", true);
  if (const std::string at = reader.text("requestedAt", false); !at.empty()) {
    const auto time = parse_rfc3339(at);
    // A plain date will not do: ids begin with it, and a day's orders would share their time.
    if (time && at.size() > 10 && time->us > 0 && time->ms() < (std::int64_t{1} << 48))
      order.requested_at = *time;
    else
      reader.fault("requestedAt", fmt::format("\"{}\" is not a time such as 2026-11-23T05:21:00Z", at));
  }
  order.catalog_index = reader.whole("catalogIndex", 0);
  order.is_supplement = reader.member("supplement", false) != nullptr;
  order.fields = reader.map("fields");
  const json::value* items = reader.member("items", true);
  if (items && !items->is_array()) reader.fault("items", "must be a list");
  if (items && items->is_array()) {
    const json::array& list = items->get_array();
    if (list.empty()) reader.fault("items", "must have at least one line");
    if (list.size() > order_lines_max)
      return fail(Code::order_too_large, "{} lines in order {}", list.size(), order.source_order_id);
    order.lines.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i)
      order.lines.push_back(parse_line(list[i], fmt::format("/items/{}", i), error.faults));
    link_lines(order, error.faults);
  }
  if (!error.faults.empty()) {
    error.detail = fmt::format("{} faults in order \"{}\"", error.faults.size(), order.source_order_id);
    return fail(std::move(error));
  }
  return order;
}

}  // namespace backstitch
