#include "stores/cache/riak/riak_objects.h"

#include <algorithm>

#include "base/net/percent.h"
#include "base/time.h"

namespace backstitch::cache {
namespace {

std::string header(const HttpAnswer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name) return value;
  return {};
}

/// A missing bucket type is a 404, too.
bool is_missing(const HttpAnswer& answer) { return answer.status == 404 && !answer.body.starts_with("Unknown bucket type"); }

std::string without_user(const std::string& url) {
  const auto host = url.find("//") + 2, at = url.rfind('@');
  return at == std::string::npos ? url : url.substr(0, host) + url.substr(at + 1);
}

}  // namespace

Result<RiakFound> RiakObjects::read(const RiakPlace& place, bool for_update, std::int64_t deadline_ms) {
  std::vector<std::string> query;
  if (for_update) query.push_back("deletedvclock=true");
  query = with_quorum("pr", std::move(query));
  for (int tries = 3;; --tries) {
    HttpAnswer answer = ask({}, place, query, deadline_ms);
    if (is_missing(answer)) return RiakFound{{}, header(answer, "x-riak-vclock")};
    if (answer.status == 200) return RiakFound{{{std::move(answer.body), false}}, header(answer, "x-riak-vclock")};
    if (answer.status != 300) return failed(answer);
    HttpCall all;
    all.headers = {{"Accept", "multipart/mixed"}};
    answer = ask(std::move(all), place, query, deadline_ms);
    auto siblings = answer.status == 300 ? read_siblings(header(answer, "content-type"), answer.body) : std::nullopt;
    if (siblings) return RiakFound{std::move(*siblings), header(answer, "x-riak-vclock")};
    // Else somebody has settled it meanwhile: it is read again.
    if (answer.status / 100 == 5 || answer.delivery != Delivery::answered || tries == 1) return failed(answer);
  }
}

Result<bool> RiakObjects::write(const RiakPlace& place, const RiakWrite& write, std::int64_t deadline_ms) {
  HttpCall call;
  call.method = "PUT", call.body = write.body;
  if (write.condition == RiakCondition::absent) call.headers.emplace_back("If-None-Match", "*");
  if (write.condition == RiakCondition::as_read) call.headers.emplace_back("X-Riak-If-Not-Modified", write.clock);
  if (!write.clock.empty()) call.headers.emplace_back("X-Riak-Vclock", write.clock);
  call.headers.emplace_back("Content-Type", write.content_type);
  const HttpAnswer answer = ask(std::move(call), place, with_quorum("pw"), deadline_ms);
  if (answer.status == 409 || answer.status == 412) return false;
  if (!answer.ok()) return failed(answer);
  return true;
}

Status RiakObjects::remove(const RiakPlace& place, const std::string& clock, std::int64_t deadline_ms) {
  HttpCall call;
  call.method = "DELETE";
  if (!clock.empty()) call.headers.emplace_back("X-Riak-Vclock", clock);
  const HttpAnswer answer = ask(std::move(call), place, with_quorum("pw"), deadline_ms);
  return answer.ok() || is_missing(answer) ? Status() : failed(answer);
}

HttpAnswer RiakObjects::ask(HttpCall call, const RiakPlace& place, const std::vector<std::string>& query,
                            std::int64_t deadline_ms) {
  call.url = fmt::format("{}/types/{}/buckets/{}/keys/{}", url_, percent_encoded(place.type), percent_encoded(place.bucket),
                         percent_encoded(place.key));
  for (std::size_t i = 0; i < query.size(); ++i) call.url += (i == 0 ? "?" : "&") + query[i];
  call.timeout_ms = std::max<std::int64_t>(deadline_ms - monotonic_ms(), 1);
  return client_.call(call);
}

std::vector<std::string> RiakObjects::with_quorum(const char* name, std::vector<std::string> query) const {
  if (!quorum_.empty()) query.push_back(fmt::format("{}={}", name, percent_encoded(quorum_)));
  return query;
}

tl::unexpected<Error> RiakObjects::failed(const HttpAnswer& answer) const {
  const std::string where = without_user(url_);
  if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "cache at {}: {}", where, answer.error);
  std::string words = answer.body.substr(0, 200);
  std::replace(words.begin(), words.end(), '\n', ' ');
  const bool not_us = answer.status / 100 == 4 && answer.status != 408 && answer.status != 429;
  return fail(not_us ? Code::config_invalid : Code::unreachable, "cache at {}: status {}: {}", where, answer.status, words);
}

}  // namespace backstitch::cache
