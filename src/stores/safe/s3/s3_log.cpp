#include "stores/safe/s3/s3_log.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/hash.h"
#include "stores/objects/header.h"

namespace backstitch::safe {
namespace {

using objects::S3Condition;
using objects::S3Put;

constexpr std::string_view suffix = ".seg";
constexpr std::string_view closed_mark = "\tclosed";  // a payload never begins with a tab
constexpr std::uint64_t no_number = std::numeric_limits<std::uint64_t>::max();

const NumberedLog::EachLine only_check = [](const files::Line&) -> Result<bool> { return true; };

/// Nothing when it is no name of a segment.
std::optional<std::uint64_t> first_of(std::string_view key) {
  if (!key.ends_with(suffix)) return std::nullopt;
  key.remove_suffix(suffix.size());
  key.remove_prefix(key.rfind('/') + 1);
  std::uint64_t first = 0;
  const auto [behind, error] = std::from_chars(key.data(), key.data() + key.size(), first);
  return error == std::errc() && behind == key.data() + key.size() && first > 0 ? std::optional(first) : std::nullopt;
}

}  // namespace

S3Log::S3Log(objects::S3Bucket& bucket, std::string name, S3LogLimits limits, std::atomic<bool>& writing)
    : bucket_(bucket), name_(std::move(name)), seed_(digest64(name_)), limits_(limits), writing_(writing) {}

std::string S3Log::key(std::uint64_t first) const { return fmt::format("{}/{:012}{}", name_, first, suffix); }

Result<std::uint64_t> S3Log::end() {
  const std::lock_guard lock(mutex_);
  return end_locked();
}

Result<std::uint64_t> S3Log::end_locked() {
  if (!known_ || !writing_) BS_TRY(refresh());
  return tail_.next;
}

// A list finds where to begin; from there on each closed object names the next one.
Status S3Log::refresh() {
  if (!known_) {
    const auto last = first_before(no_number);
    if (!last) return fail(last.error());
    tail_ = Segment{*last, *last, false, {}, {}};
  }
  for (known_ = false;;) {
    auto found = bucket_.get(key(tail_.first), {}, tail_.etag);
    if (!found) return fail(std::move(found.error()));
    if (!*found && !tail_.etag.empty())
      return fail(Code::checksum_mismatch, "{} was there and is there no more", bucket_.where(key(tail_.first)));
    if (*found && !(*found)->unchanged) {
      auto segment = parse(tail_.first, std::move(**found), no_number, only_check);
      if (!segment) return fail(std::move(segment.error()));
      tail_ = std::move(**segment);
    }
    if (!tail_.closed) break;
    tail_ = Segment{tail_.next, tail_.next, false, {}, {}};
  }
  known_ = true;
  return {};
}

Result<std::optional<S3Log::Segment>> S3Log::parse(std::uint64_t first, objects::S3Found found, std::uint64_t from,
                                                   const EachLine& each) const {
  const std::string where = bucket_.where(key(first));
  auto content = objects::checked_content(where, std::move(found.body));
  if (!content) return fail(std::move(content.error()));
  Segment segment{first, first, false, {}, std::move(found.etag)};
  for (std::string_view rest = *content; !rest.empty();) {
    const std::size_t length = std::min(rest.find('\n'), rest.size());
    const auto line = segment.closed ? std::nullopt : files::read_line(rest.substr(0, length), seed_);
    if (!line || line->number != segment.next || length == rest.size())
      return fail(Code::checksum_mismatch, "{}: the line of number {} is not as it was written", where, segment.next);
    rest.remove_prefix(length + 1);
    segment.closed = line->payload == closed_mark;
    if (segment.closed) continue;
    segment.next += 1;
    if (line->number < from) continue;
    const auto more = each(*line);
    if (!more) return fail(more.error());
    if (!*more) return std::nullopt;
  }
  segment.lines = std::move(*content);
  return segment;
}

Status S3Log::compare(const std::vector<Entry>& entries, std::size_t from, std::size_t to) {
  if (from >= to) return {};
  const std::uint64_t first = entries.front().number;
  return read_to(entries[from].number, entries[to - 1].number + 1, [&](const files::Line& line) -> Result<bool> {
    if (line.payload == entries[static_cast<std::size_t>(line.number - first)].payload) return true;
    return fail(Code::checksum_mismatch, "{}: number {} has another content already", bucket_.where(name_), line.number);
  });
}

S3Log::Segment S3Log::grown(const std::vector<Entry>& entries, std::size_t from) const {
  Segment segment = tail_;
  const std::size_t bytes_before = segment.lines.size();
  for (std::size_t i = from; i < entries.size(); ++i) {
    if (static_cast<std::int64_t>(segment.lines.size() - bytes_before) >= limits_.put_bytes) break;
    files::append_line(segment.lines, seed_, entries[i].number, entries[i].payload);
    segment.next = entries[i].number + 1;
  }
  segment.closed = static_cast<std::int64_t>(segment.lines.size()) >= limits_.grows_to_bytes;
  if (segment.closed) files::append_line(segment.lines, seed_, segment.next, closed_mark);
  return segment;
}

// What was put may be another writer's, may be ours of an attempt of which nothing was heard: what stands there is compared.
Status S3Log::append(const std::vector<Entry>& entries) {
  if (entries.empty()) return {};
  const std::lock_guard lock(mutex_);
  if (!known_) BS_TRY(refresh());
  if (!check_numbers(name_, entries, tail_.next)) BS_TRY(refresh());  // others may have written what is before it
  BS_TRY(check_numbers(name_, entries, tail_.next));
  std::string words;
  Backoff patience = bucket_.patience();
  for (std::size_t compared = 0, more = true;;) {
    const std::size_t known = known_entries(entries, tail_.next);
    BS_TRY(compare(entries, compared, known));
    compared = known;
    if (known == entries.size()) return {};
    if (!more)
      return fail(Code::unreachable, "{}: whether number {} is kept is unknown: {}", bucket_.where(name_), entries[known].number,
                  words);
    Segment next = grown(entries, known);
    const std::string object = objects::with_header(next.lines, random_hex(8));
    const auto condition = tail_.etag.empty() ? S3Condition::new_name() : S3Condition::replacing(tail_.etag);
    auto written = bucket_.put(key(tail_.first), object, condition);
    known_ = false;
    if (!written) return fail(std::move(written.error()));
    if (written->put == S3Put::done && !written->etag.empty()) {
      next.etag = written->etag;
      tail_ = next.closed ? Segment{next.next, next.next, false, {}, {}} : std::move(next);
      compared = known_entries(entries, tail_.next);
      known_ = writing_ = true;
      patience = bucket_.patience();
      continue;
    }
    more = written->put == S3Put::unknown ? patience.wait() : patience.wait_for_turn();
    words = written->words;
    known_ = true;  // tail_ is as it was before, and is looked at again from there
    BS_TRY(refresh());
  }
}

Status S3Log::read(std::uint64_t from, const EachLine& each) {
  std::unique_lock lock(mutex_);
  const auto end = end_locked();
  lock.unlock();
  if (!end) return fail(end.error());
  if (from > *end) return fail(Code::offset_behind_end, "{}: {} was asked for and {} is the end", name_, from, *end);
  return read_to(from, *end, each);
}

Status S3Log::read_to(std::uint64_t from, std::uint64_t end, const EachLine& each) {
  if (from == 0) return fail(Code::offset_expired, "{}: it begins at 1", name_);
  if (from >= end) return {};
  auto first = first_before(from);
  if (!first) return fail(std::move(first.error()));
  if (*first > from) return fail(Code::offset_expired, "{}: {} was asked for and {} is the first there", name_, from, *first);
  for (;;) {
    auto found = bucket_.get(key(*first));
    if (!found) return fail(std::move(found.error()));
    if (!*found) return fail(Code::checksum_mismatch, "{} is missing: number {} is lost", bucket_.where(key(*first)), *first);
    const auto segment = parse(*first, std::move(**found), from, [&](const files::Line& line) -> Result<bool> {
      if (line.number >= end) return false;
      return each(line);
    });
    if (!segment) return fail(segment.error());
    if (!*segment || (*segment)->next >= end) return {};
    if (!(*segment)->closed)
      return fail(Code::checksum_mismatch, "{} ends before number {}", bucket_.where(key(*first)), (*segment)->next);
    *first = (*segment)->next;
  }
}

Result<std::uint64_t> S3Log::first_before(std::uint64_t number) {
  const std::lock_guard lock(firsts_mutex_);
  auto behind = std::upper_bound(firsts_.begin(), firsts_.end(), number);
  if (behind == firsts_.end()) {
    const auto names = bucket_.list(name_ + "/", objects::S3Bucket::Depth::all, firsts_.empty() ? "" : key(firsts_.back()));
    if (!names) return fail(names.error());
    for (const std::string& one : names->keys)
      if (const auto first = first_of(one)) firsts_.push_back(*first);
    behind = std::upper_bound(firsts_.begin(), firsts_.end(), number);
  }
  if (firsts_.empty()) return 1;
  return behind == firsts_.begin() ? firsts_.front() : *std::prev(behind);
}

}  // namespace backstitch::safe
