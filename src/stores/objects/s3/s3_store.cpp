#include "stores/objects/s3/s3_store.h"

#include <algorithm>

#include "base/hash.h"

namespace backstitch::objects {

tl::unexpected<Error> S3Store::unknown(const std::string& name, const std::string& words) const {
  return fail(Code::unreachable, "{}: whether it was put is unknown: {}", bucket_.where(name), words);
}

Result<std::optional<S3Store::Kept>> S3Store::look(const std::string& name) {
  auto found = bucket_.get(name, {0, header_bytes_max});
  if (!found) return fail(std::move(found.error()));
  if (!*found) return std::nullopt;
  auto header = read_header(name, (*found)->body);
  if (header && header->content_at + header->info.size_bytes != (*found)->size_bytes) header.reset();
  return Kept{std::move(header), (*found)->etag};
}

// Each put brings the ETag of what it replaces, and no two puts store the same bytes: one that was given up on, and comes late,
// meets another ETag. One that was repeated and came twice is taken once.
Result<ObjectInfo> S3Store::put(const std::string& name, std::string_view content) {
  const std::string mine = random_hex(8), object = with_header(content, mine);
  const ObjectInfo info = read_header(name, object)->info;
  if (static_cast<std::int64_t>(object.size()) > bucket_.settings().part_bytes) return put_in_parts(name, info, object, mine);
  auto kept = look(name);
  for (Backoff patience = bucket_.patience(); kept;) {
    const auto written = bucket_.put(name, object, *kept ? S3Condition::replacing((*kept)->etag) : S3Condition::new_name());
    if (!written) return fail(written.error());
    if (written->put == S3Put::done) return info;
    const bool more = written->put == S3Put::refused ? patience.wait_for_turn() : patience.wait();
    kept = look(name);
    if (kept && *kept && (*kept)->by(mine)) return info;
    if (!more) return unknown(name, written->words);
  }
  return fail(std::move(kept.error()));
}

Result<bool> S3Store::put_new(const std::string& name, std::string_view content) {
  const std::string mine = random_hex(8), object = with_header(content, mine);
  for (Backoff patience = bucket_.patience();;) {
    const auto written = bucket_.put(name, object, S3Condition::new_name());
    if (!written) return fail(written.error());
    if (written->put == S3Put::done) return true;
    const bool more = written->put == S3Put::refused ? patience.wait_for_turn() : patience.wait();
    const auto kept = look(name);
    if (!kept) return fail(kept.error());
    if (*kept) return (*kept)->by(mine);
    if (!more) return unknown(name, written->words);
  }
}

// An upload ends once: whoever ends it a second time, however late, is told that there is none. So it needs no condition.
Result<ObjectInfo> S3Store::put_in_parts(const std::string& name, const ObjectInfo& info, const std::string& object,
                                         const std::string& mine) {
  std::vector<std::string> etags;
  const auto id = send_parts(name, object, etags);
  if (!id) return fail(id.error());
  for (Backoff patience = bucket_.patience();;) {
    const auto written = bucket_.end_parts(name, *id, etags);
    if (!written) {
      static_cast<void>(bucket_.give_up_parts(name, *id));
      return fail(written.error());
    }
    if (written->put == S3Put::done) return info;
    const bool more = patience.wait();
    const auto kept = look(name);
    if (kept && *kept && (*kept)->by(mine)) return info;
    if (more && written->put == S3Put::unknown) continue;
    static_cast<void>(bucket_.give_up_parts(name, *id));
    return unknown(name, written->words);
  }
}

Result<std::string> S3Store::send_parts(const std::string& name, const std::string& object, std::vector<std::string>& etags) {
  auto id = bucket_.begin_parts(name);
  if (!id) return id;
  const auto part_bytes = static_cast<std::size_t>(bucket_.settings().part_bytes);
  for (std::size_t at = 0; at < object.size(); at += part_bytes) {
    auto etag = bucket_.put_part(name, *id, static_cast<int>(etags.size()) + 1, object.substr(at, part_bytes));
    if (!etag) {
      static_cast<void>(bucket_.give_up_parts(name, *id));
      return etag;
    }
    etags.push_back(std::move(*etag));
  }
  return id;
}

/// Nothing when it was replaced while it was read.
Result<std::optional<std::string>> S3Store::read(const std::string& name) {
  const auto part_bytes = static_cast<std::uint64_t>(bucket_.settings().part_bytes);
  auto first = bucket_.get(name, {0, part_bytes});
  if (!first) return fail(std::move(first.error()));
  if (!*first) return fail(Code::object_not_found, "{}", bucket_.where(name));
  std::string object = std::move((*first)->body);
  while (object.size() < (*first)->size_bytes) {
    const auto next = bucket_.get(name, {object.size(), part_bytes});
    if (!next) return fail(next.error());
    if (!*next || (*next)->etag != (*first)->etag || (*next)->body.empty()) return std::nullopt;
    object += (*next)->body;
  }
  return object;
}

Result<std::string> S3Store::get(const std::string& name) {
  for (Backoff patience = bucket_.patience();;) {
    auto object = read(name);
    if (!object) return fail(std::move(object.error()));
    if (*object) return checked_content(bucket_.where(name), std::move(**object));
    if (!patience.wait_for_turn()) return fail(Code::unreachable, "{} changes while it is read", bucket_.where(name));
  }
}

// It is not asked for again: a removal that comes late would take away what was put meanwhile.
Status S3Store::remove(const std::string& name) {
  const auto removed = bucket_.remove(name);
  if (!removed) return fail(removed.error());
  if (*removed) return {};
  const auto kept = look(name);
  if (!kept) return fail(kept.error());
  if (!*kept) return {};
  return fail(Code::unreachable, "{}: whether it was removed is unknown", bucket_.where(name));
}

}  // namespace backstitch::objects
