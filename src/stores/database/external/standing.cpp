#include "stores/database/external/standing.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"

namespace backstitch::database {
namespace json = boost::json;
namespace {

constexpr const char* prefix = "database/e";

}  // namespace

Status keep_standing(safe::Safe& safe, const ExternalAddress& from, const Standing& standing) {
  return safe.put(fmt::format("{}{:04}.json", prefix, standing.epoch),
                  pretty_json(json::object{{"epoch", standing.epoch},
                                           {"instead", from.place},
                                           {"host", standing.host},
                                           {"port", standing.port},
                                           {"folder", standing.folder},
                                           {"sockets", standing.sockets},
                                           {"instance", standing.instance}}));
}

Result<Standing> standing_of(safe::Safe& safe, const ExternalAddress& configured) {
  const auto names = safe.list(prefix);
  if (!names) return fail(names.error());
  for (auto name = names->rbegin(); name != names->rend(); ++name) {
    const auto text = safe.get(*name);
    if (!text) return fail(text.error());
    const auto document = parse_json(*text);
    if (!document) return fail(document.error());
    if (!document->is_object()) return fail(Code::json_invalid, "{} is no object", *name);
    const json::object& object = document->get_object();
    if (text_in(object, "instead") != configured.place) continue;
    Standing standing;
    standing.epoch = object.at("epoch").to_number<std::uint64_t>();
    standing.host = text_in(object, "host"), standing.port = text_in(object, "port");
    standing.folder = text_in(object, "folder"), standing.sockets = text_in(object, "sockets");
    standing.instance = text_in(object, "instance");
    return standing;
  }
  return Standing{};
}

Result<ExternalAddress> address_at(const ExternalAddress& configured, const Standing& standing) {
  return standing.moved() ? moved_address(configured, standing.host, standing.port) : configured;
}

}  // namespace backstitch::database
