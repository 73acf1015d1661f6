#include "stores/queue/kafka/wire.h"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.h"

namespace backstitch::queue::kafka {
namespace {

constexpr std::string_view batch_header = "bs-batch", schema_header = "bs-schema", headers_header = "bs-headers",
                           birth_header = "bs-birth", filler_header = "bs-filler", kept_header = "bs-kept";

/// Numbers in decimal, texts with their length in front: can be read by people, and holds any bytes.
class Writer {
 public:
  Writer& number(std::uint64_t value) {
    fmt::format_to(std::back_inserter(out_), "{} ", value);
    return *this;
  }
  Writer& text(std::string_view value) {
    fmt::format_to(std::back_inserter(out_), "{}:{} ", value.size(), value);
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}
  std::uint64_t number() {
    const auto value = digits();
    skip(' ');
    return value;
  }
  std::string text() {
    const auto size = digits();
    skip(':');
    if (size > left_.size()) ok_ = false;
    if (!ok_) return {};
    std::string value(left_.substr(0, size));
    left_.remove_prefix(size);
    skip(' ');
    return value;
  }
  bool done() const { return ok_ && left_.empty(); }
  bool ok() const { return ok_; }
  bool empty() const { return left_.empty(); }

 private:
  std::uint64_t digits() {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    if (error != std::errc{}) ok_ = false;
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return value;
  }
  void skip(char expected) {
    if (left_.empty() || left_.front() != expected) ok_ = false;
    if (!left_.empty()) left_.remove_prefix(1);
  }
  std::string_view left_;
  bool ok_ = true;
};

std::string_view find(const Message& message, std::string_view name) {
  for (const auto& [key, value] : message.headers)
    if (key == name) return value;
  return {};
}

void put_holder(Writer& out, const Holder& holder) {
  out.number(static_cast<std::uint64_t>(holder.partition)).number(holder.offset).number(holder.place);
  out.number(holder.batch.session).number(holder.batch.number).number(holder.kept.value_or(0));
}

}  // namespace

Headers encode(const Envelope& envelope) {
  Headers out;
  if (envelope.kind == Kind::birth) out.emplace_back(birth_header, envelope.incarnation);
  if (envelope.kind == Kind::filler) out.emplace_back(filler_header, "1");
  if (!envelope.schema.empty()) out.emplace_back(schema_header, envelope.schema);
  if (!envelope.headers.empty()) out.emplace_back(headers_header, envelope.headers);
  if (envelope.batch.is_set()) {
    Writer batch;
    batch.text(envelope.kind == Kind::alone ? "alone" : "member");
    batch.number(envelope.batch.session).number(envelope.batch.number).number(envelope.index);
    out.emplace_back(batch_header, batch.take());
  }
  return out;
}

std::optional<Envelope> decode(const Message& message) {
  Envelope out;
  if (const auto birth = find(message, birth_header); !birth.empty()) {
    out.kind = Kind::birth, out.incarnation = birth;
    return out;
  }
  if (!find(message, filler_header).empty()) return out;
  Reader batch(find(message, batch_header));
  const std::string kind = batch.text();
  out.batch.session = batch.number(), out.batch.number = batch.number();
  out.index = static_cast<std::uint32_t>(batch.number());
  if (!batch.done()) return {};
  out.kind = kind == "alone" ? Kind::alone : Kind::member;
  out.schema = find(message, schema_header), out.headers = find(message, headers_header);
  return out;
}

std::string encode(const Decision& decision) {
  static constexpr std::string_view names[] = {"counts", "void", "lost"};
  Writer out;
  out.text(names[static_cast<std::size_t>(decision.kind)]).number(decision.batch.session).number(decision.batch.number);
  for (const Member& member : decision.members) {
    out.text(member.topic).number(static_cast<std::uint64_t>(member.partition)).number(member.offset).text(member.claim);
    out.number(static_cast<std::uint64_t>(member.mode));
  }
  for (const KeptClaim& claim : decision.lost) out.text(encode(claim));
  return out.take();
}

std::optional<Decision> decode_decision(std::string_view text) {
  Reader in(text);
  Decision out;
  const std::string kind = in.text();
  out.kind = kind == "counts" ? Decision::Kind::counts : kind == "lost" ? Decision::Kind::lost : Decision::Kind::is_void;
  out.batch.session = in.number(), out.batch.number = in.number();
  while (in.ok() && !in.empty() && out.kind == Decision::Kind::lost) {
    const auto claim = decode_claim(in.text());
    if (!claim) return {};
    out.lost.push_back(*claim);
  }
  while (in.ok() && !in.empty()) {
    Member member;
    member.topic = in.text(), member.partition = static_cast<Partition>(in.number()), member.offset = in.number();
    member.claim = in.text(), member.mode = static_cast<ClaimMode>(in.number());
    out.members.push_back(std::move(member));
  }
  if (!in.done()) return {};
  return out;
}

Bits128 claim_number(const std::string& topic, const std::string& claim) { return first_128(sha256_parts({topic, claim})); }

std::string key_of(const KeptClaim& claim) {
  return fmt::format("{} {} {}", uuid_text(claim.claim), claim.holder.partition, claim.holder.offset);
}

std::string encode(const KeptClaim& claim) {
  Writer out;
  out.number(claim.claim.hi).number(claim.claim.lo);
  put_holder(out, claim.holder);
  return out.take();
}

std::optional<KeptClaim> decode_claim(std::string_view text) {
  Reader in(text);
  KeptClaim out;
  out.claim.hi = in.number(), out.claim.lo = in.number();
  out.holder.partition = static_cast<Partition>(in.number()), out.holder.offset = in.number();
  out.holder.place = in.number();
  out.holder.batch.session = in.number(), out.holder.batch.number = in.number();
  out.holder.kept = in.number();
  if (!in.done()) return {};
  return out;
}

Headers encode_kept(const Record& record) {
  Writer kept;
  kept.number(record.offset).number(static_cast<std::uint64_t>(record.appended.us));
  Headers out{{std::string(kept_header), kept.take()}, {std::string(schema_header), record.schema}};
  if (!record.headers.empty()) out.emplace_back(headers_header, record.headers);
  return out;
}

std::optional<Record> decode_kept(const Message& message) {
  Reader kept(find(message, kept_header));
  Record out;
  out.offset = kept.number(), out.appended.us = static_cast<std::int64_t>(kept.number());
  if (!kept.done()) return {};
  out.key = message.key, out.value = message.value;
  out.schema = find(message, schema_header), out.headers = find(message, headers_header);
  return out;
}

std::string encode(const Words& words) {
  Writer out;
  for (const std::string& word : words) out.text(word);
  return out.take();
}

std::optional<Words> decode_words(std::string_view text) {
  Reader in(text);
  Words out;
  while (in.ok() && !in.empty()) out.push_back(in.text());
  if (!in.done()) return {};
  return out;
}

}  // namespace backstitch::queue::kafka
