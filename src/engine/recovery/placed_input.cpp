// Inputs that no log holds: a fold puts them in the place of records that a recovery left out, or does not trust.
#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"
#include "engine/input.h"

namespace backstitch {
namespace json = boost::json;
namespace {}  // namespace

ExcludedInput excluded_input(const InputRecord& record, std::string why) {
  const auto begin = record.schema.find('.') + 1;  // 0 when there is none: then all of it
  ExcludedInput out{record.schema.substr(begin, record.schema.rfind('/') - begin), record.account_id, std::move(why), {}};
  auto input = parse_input(record);
  if (!input) return out;
  if (auto* submit = std::get_if<SubmitInput>(&*input)) {
    out.subject = submit->order.source + "/" + submit->order.source_order_id;
    out.submit = std::move(*submit);
  } else if (const auto item = item_of(*input)) {
    out.subject = item->text();
  } else if (const auto* activate = std::get_if<CatalogActivateInput>(&*input)) {
    out.subject = activate->digest;
  } else if (const auto* system = std::get_if<SystemCommandInput>(&*input)) {
    out.subject = system->system;
  }
  return out;
}

std::optional<DistrustedInput> distrusted_input(const InputRecord& record) {
  if (record.schema != "completer.mark/1" && !tells_of_call(record.schema)) return std::nullopt;
  const auto document = parse_json(record.value);
  if (!document || !document->is_object()) return std::nullopt;
  const auto key = CallKey::parse(text_in(document->get_object(), "effectKey"));
  const auto item = ItemId::parse(text_in(document->get_object(), "itemId"));
  if (!key || !item) return std::nullopt;
  return DistrustedInput{*item, *key};
}

}  // namespace backstitch
