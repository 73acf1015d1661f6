#include "services/intake/callbacks.h"

#include <boost/json.hpp>
#include <functional>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_member.h"
#include "model/identity.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr const char* secret_name = "secrets/callbacks";
constexpr int secret_bytes = 32;
constexpr std::size_t token_bytes = 20;

struct Said {
  CallOutcome outcome = CallOutcome::done;
  std::string code, response;  // response: canonical JSON, "null" when none
};

/// Looks at every digit, so that the time it takes tells nothing.
bool same_text(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return different == 0;
}

std::string response_of(const json::object& object) {
  const json::value* response = object.if_contains("response");
  return response ? canonical_json(*response) : "null";
}

Result<Said> read_body(const std::string& body) {
  const auto document = parse_json(body);
  if (!document) return fail(Code::callback_invalid, "{}", document.error().detail);
  if (!document->is_object()) return fail(Code::callback_invalid, "an object is wanted");
  const json::object& object = document->get_object();
  const std::string outcome = text_in(object, "outcome");
  Said said{CallOutcome::done, text_in(object, "code"), response_of(object)};
  if (outcome == "interim")
    said.outcome = CallOutcome::accepted;
  else if (outcome == "refused")
    said.outcome = CallOutcome::refused;
  else if (outcome != "done")
    return fail(Code::callback_invalid, "outcome \"{}\" is none of done, refused, interim", outcome);
  return said;
}

/// Against the first end of the call that the log holds.
Repetition compare(const Said& said, const std::vector<queue::Record>& holders) {
  if (said.outcome == CallOutcome::accepted) return Repetition::none;
  for (const queue::Record& holder : holders) {
    if (!tells_of_call(holder.schema)) continue;
    const auto document = parse_json(holder.value);
    if (!document || !document->is_object()) continue;
    const auto outcome = call_outcome_from(text_in(document->get_object(), "outcome"));
    if (outcome != CallOutcome::done && outcome != CallOutcome::refused) continue;
    const bool same = outcome == said.outcome && response_of(document->get_object()) == said.response;
    return same ? Repetition::duplicate : Repetition::conflict;
  }
  return Repetition::none;
}

/// The item that the call was marked for; empty when no mark says it.
std::string item_of(const std::vector<queue::Record>& holders) {
  for (const queue::Record& holder : holders)
    if (const auto document = parse_json(holder.value); document && document->is_object())
      if (const std::string item = text_in(document->get_object(), "itemId"); !item.empty()) return item;
  return {};
}

std::string record_value(const std::string& key, const std::string& item, const Said& said, Repetition repetition) {
  std::string out = fmt::format("{{\"effectKey\":\"{}\",\"itemId\":\"{}\",\"outcome\":\"{}\",\"repeats\":\"{}\",\"code\":", key,
                                item, to_text(said.outcome), to_text(repetition));
  append_json_string(out, said.code);
  return out + ",\"response\":" + said.response + "}";
}

}  // namespace

Result<std::string> callback_secret(safe::Safe& safe) {
  auto secret = safe.get(secret_name);
  if (secret || secret.error().code != Code::object_not_found) return secret;
  const std::string fresh = random_hex(secret_bytes);
  BS_TRY(safe.put(secret_name, fresh));
  return fresh;
}

Callbacks::Callbacks(std::string secret, queue::Queue& queue, int partitions)
    : secret_(std::move(secret)), queue_(queue), partitions_(partitions) {}

std::string Callbacks::token_of(const std::string& key) const {
  const Sha256 code = hmac_sha256(secret_, key);
  return key + "." + hex({reinterpret_cast<const char*>(code.data()), token_bytes});
}

Result<ReceivedCallback> Callbacks::receive(std::string_view token, const std::string& body) {
  const std::string key(token.substr(0, token.rfind('.')));
  if (!CallKey::parse(key) || !same_text(token_of(key), token))
    return fail(Code::callback_unknown, "the address was not given out by this instance");
  const auto said = read_body(body);
  if (!said) return fail(said.error());
  const std::lock_guard lock(turns_[std::hash<std::string>()(key) % turns_.size()]);
  const auto holders = queue_.holders("completer", key);
  if (!holders) return fail(holders.error());
  const std::string item = item_of(*holders);
  if (item.empty()) return fail(Code::callback_unknown, "no call {} was ever made", key);
  ReceivedCallback received{key, partition_of(holders->front().key, partitions_), 0, compare(*said, *holders)};
  queue::Append append;
  append.topic = "completer", append.partition = received.partition, append.key = holders->front().key;
  append.schema = callback_schema, append.value = record_value(key, item, *said, received.repetition);
  append.claim = key, append.mode = queue::ClaimMode::join;
  const auto appended = queue_.append({std::move(append)});
  if (!appended) return fail(appended.error());
  received.offset = appended->front().offset;
  return received;
}

}  // namespace backstitch
