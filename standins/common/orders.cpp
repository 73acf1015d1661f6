#include "standins/common/orders.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

Result<OrderText> read_order(std::string_view line) {
  auto document = parse_json(line);
  if (!document) return fail(std::move(document.error()));
  if (!document->is_object()) return fail(Code::json_invalid, "an order is an object");
  const auto& order = document->get_object();
  return OrderText{.source = text_of(order, "source"),
                   .source_order_id = text_of(order, "sourceOrderId"),
                   .version = number_of(order, "version").value_or(1),
                   .body = std::string(line),
                   .sha256 = sha256_hex(line)};
}

}  // namespace

std::string order_key(std::string_view source, std::string_view source_order_id, std::int64_t version) {
  return fmt::format("{}\t{}\t{}", source, source_order_id, version);
}

std::string OrderText::key() const { return order_key(source, source_order_id, version); }

Result<std::vector<OrderText>> read_orders(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return fail(content.error());
  std::vector<OrderText> orders;
  std::string_view rest = *content;
  for (int number = 1; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty()) continue;
    auto order = read_order(line);
    if (!order) return fail(order.error().code, "{} line {}: {}", path, number, order.error().detail);
    orders.push_back(std::move(*order));
  }
  return orders;
}

}  // namespace backstitch::standin
