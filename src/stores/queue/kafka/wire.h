// What stands in Kafka: the records, the decisions on batches, the claims of records that are gone, and what the log is.
//
//   <prefix>.<topic>      records; offset 0 of each partition is its birth, so that an offset here is the offset in Kafka
//   <prefix>._decisions   one partition: which batch counts, and which does not, in one order for all claims of the log
//   <prefix>._claims      compacted: claims of records that retention removed, and where their text stands in _kept
//   <prefix>._kept        claimed records that retention removed, for good
//   <prefix>._meta        what this log is: its number, its owner, topics and their settings, holds; first or last of a kind
//   counts
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stores/queue/kafka/client.h"
#include "stores/queue/port.h"

namespace backstitch::queue::kafka {

/// Of one append(); never given twice: a number of the process, drawn when it opens the log, and a count.
struct BatchId {
  std::uint64_t session = 0, number = 0;
  auto operator<=>(const BatchId&) const = default;
  bool is_set() const { return session != 0; }
};

enum class Kind : std::uint8_t {
  birth,   // of a partition
  alone,   // a record that counts as soon as it is there
  member,  // of a batch: counts when _decisions says so
  filler,  // an offset that was lost and is not given again
};

struct Envelope {
  Kind kind = Kind::filler;
  BatchId batch;
  std::uint32_t index = 0;  // within the batch
  std::string incarnation;  // of a birth
  std::string schema, headers;
};
Headers encode(const Envelope& envelope);
/// None for a message that none of us wrote.
std::optional<Envelope> decode(const Message& message);

struct Member {
  std::string topic;
  Partition partition = 0;
  Offset offset = 0;  // 0: not written; only asks who holds the claim at this point
  std::string claim;
  ClaimMode mode = ClaimMode::none;
};
/// A claim by its number: what it is called stands in the record.
struct Holder {
  Partition partition = 0;
  Offset offset = 0;
  std::uint64_t place = 0;  // in the order of all decisions
  BatchId batch;
  std::optional<Offset> kept;  // in _kept, once retention has removed the record
};
struct KeptClaim {
  Bits128 claim;
  Holder holder;
};
struct Decision {
  enum class Kind : std::uint8_t { counts, is_void, lost } kind = Kind::is_void;
  BatchId batch;
  std::vector<Member> members;  // counts
  std::vector<KeptClaim> lost;  // lost: holders whose records the log has lost; their claims are free from here on
};
std::string encode(const Decision& decision);
std::optional<Decision> decode_decision(std::string_view text);

Bits128 claim_number(const std::string& topic, const std::string& claim);
std::string key_of(const KeptClaim& claim);
std::string encode(const KeptClaim& claim);
std::optional<KeptClaim> decode_claim(std::string_view text);

/// A record that is copied into _kept holds its old offset and time.
Headers encode_kept(const Record& record);
std::optional<Record> decode_kept(const Message& message);

/// A line of _meta: a few words.
using Words = std::vector<std::string>;
std::string encode(const Words& words);
std::optional<Words> decode_words(std::string_view text);

}  // namespace backstitch::queue::kafka
