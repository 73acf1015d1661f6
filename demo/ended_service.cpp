#include "demo/ended_service.h"

#include "base/json.h"
#include "base/time.h"
#include "demo/interrupt.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

constexpr std::int64_t within_ms = 30'000, look_every_ms = 100;

std::string text_of(const json::value& from, const char* name) { return json::value_to<std::string>(from.at(name)); }

}  // namespace

Result<std::string> EndedService::end() {
  const std::int64_t end_ms = monotonic_ms() + within_ms;
  do {
    const auto assets = world_.platform().list("/assets?state=Active");
    if (!assets) return fail(assets.error());
    for (const json::value& one : *assets) {
      if (text_of(one, "product") != like_.product) continue;
      asset_ = {text_of(one, "assetRef"), text_of(one, "accountId"), like_.product, one.at("values").as_object()};
      return order_to_end(like_, asset_);
    }
  } while (monotonic_ms() < end_ms && rest(look_every_ms));
  return fail(Code::timed_out, "no customer has {}", like_.product);
}

Result<std::string> EndedService::back() {
  BS_TRY(await("Ended"));
  return order_back(like_, asset_);
}

Status EndedService::await_back() {
  BS_TRY(await("Active"));
  auto end = executed_key(end_id), back = executed_key(back_id);
  if (!end) return fail(end.error());
  if (!back) return fail(back.error());
  end_key_ = std::move(*end), back_key_ = std::move(*back);
  return {};
}

Status EndedService::await(const char* state) {
  const std::int64_t end_ms = monotonic_ms() + within_ms;
  do {
    const auto assets = world_.platform().list(std::string("/assets?state=") + state + "&account=" + asset_.account);
    if (!assets) return fail(assets.error());
    for (const json::value& one : *assets)
      if (text_of(one, "assetRef") == asset_.reference) return {};
  } while (monotonic_ms() < end_ms && rest(look_every_ms));
  return fail(Code::timed_out, "{} of {} is not {}", asset_.reference, asset_.account, state);
}

Result<std::string> EndedService::executed_key(const char* id) {
  const auto answer = world_.system().get("/ledger/subjects?interface=" + like_.interface);
  if (!answer) return fail(answer.error());
  for (const json::value& item : answer->at("items").as_array())
    if (text_of(item, "subject").find(part_of_subject(id)) != std::string::npos)
      return text_of(item.at("effects").as_array().front(), "key");
  return fail(Code::process_failed, "{} has executed nothing for {}", like_.system, id);
}

bool EndedService::is_about(const std::string& kind, const std::string& subject) const {
  return kind == "E4" && !back_key_.empty() && subject == back_key_;
}

Status EndedService::take_back() {
  return world_.system().post(fmt::format("/{}/effects/{}/cancel", like_.interface, back_key_), "{}");
}

}  // namespace backstitch::demo
