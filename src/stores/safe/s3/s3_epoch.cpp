#include "stores/safe/s3/s3_epoch.h"

#include "base/hash.h"
#include "stores/safe/epoch_json.h"
#include "stores/safe/names.h"

namespace backstitch::safe {
namespace {

using objects::S3Condition;
using objects::S3Put;
const std::string key = "epoch";

}  // namespace

Result<objects::S3Found> S3Epoch::find() {
  auto found = bucket_.get(key);
  if (!found) return fail(std::move(found.error()));
  if (!*found) return fail(Code::safe_failed, "{} is missing in a safe that was used", bucket_.where(key));
  return std::move(**found);
}

Status S3Epoch::make_if_missing() {
  for (Backoff patience = bucket_.patience();;) {
    const auto found = bucket_.get(key);
    if (!found) return fail(found.error());
    if (*found) return {};
    const auto used = bucket_.list("", objects::S3Bucket::Depth::one_level);
    if (!used) return fail(used.error());
    for (const std::string& folder : used->folders)
      if (is_own_name(folder)) return fail(Code::safe_failed, "{} is missing in a safe that was used", bucket_.where(key));
    const auto made = bucket_.put(key, epoch_json(Epoch{}, random_hex(8)), S3Condition::new_name());
    if (!made) return fail(made.error());
    if (made->put == S3Put::done) return {};
    if (made->put == S3Put::unknown && !patience.wait()) return fail(Code::unreachable, "{}", made->words);
    if (made->put == S3Put::refused && !patience.wait_for_turn()) return fail(Code::unreachable, "{}", made->words);
  }
}

Result<Epoch> S3Epoch::read() {
  const auto found = find();
  if (!found) return fail(found.error());
  return read_epoch(bucket_.where(key), found->body);
}

// What is put bears a word of its own, so what stands there tells whether it is ours. Whatever is sent names the ETag of
// `expected`: once anything else stands there, none of it is taken any more, however late it comes.
Status S3Epoch::change(const Epoch& expected, const Epoch& wanted) {
  const std::string mine = random_hex(8), content = epoch_json(wanted, mine);
  std::string words;
  Backoff patience = bucket_.patience();
  for (bool more = true, asked = false;; asked = true) {
    const auto found = find();
    if (!found) return fail(found.error());
    if (asked && write_of_epoch(found->body) == mine) return {};
    const auto epoch = read_epoch(bucket_.where(key), found->body);
    if (!epoch) return fail(epoch.error());
    BS_TRY(check_change(*epoch, expected, wanted));
    if (!more) return fail(Code::unreachable, "whether the epoch was changed is unknown, it may still be: {}", words);
    const auto changed = bucket_.put(key, content, S3Condition::replacing(found->etag));
    if (!changed) return fail(changed.error());
    if (changed->put == S3Put::done) return {};
    more = changed->put == S3Put::refused ? patience.wait_for_turn() : patience.wait();
    words = changed->words;
  }
}

}  // namespace backstitch::safe
