// All that a process knows of the log: the fold of what its follower has read. Every process comes to the same, in its own time.
//
// The caller holds `mutex` over all calls; `moved` is told whenever something was folded, or somebody who waits has news.
#pragma once
#include <condition_variable>
#include <set>
#include <unordered_map>

#include "stores/queue/kafka/partition_fold.h"

namespace backstitch::queue::kafka {

struct TopicState {
  std::string name, incarnation;
  TopicSettings settings;
  bool made = false;      // it stands in Kafka, every partition with its birth
  bool followed = false;  // `parts` are being read
  bool replaced = false;
  int missing_looks = 0;  // of the watch, one behind the other, in which no broker knew it
  std::vector<PartitionFold> parts;
};

/// One append() of this process that is under way.
struct Own {
  struct Answer {
    bool accepted = true;
    std::vector<Holder> holders;
  };
  struct Seen {
    Offset offset = 0;
    Time at;
  };
  std::size_t delivered = 0;    // reports that have come, good or bad
  std::vector<Offset> offsets;  // as the brokers told them; 0: not yet, or not at all
  std::optional<Error> error;   // of a report
  std::vector<Seen> seen;       // in the log
  bool decided = false, is_void = false;
  std::vector<Answer> answers;  // of the members of its decision
};

class State {
 public:
  State(std::string prefix, Partition partitions, std::uint64_t session, std::size_t tail_bytes_max)
      : prefix_(std::move(prefix)), partitions_(partitions), session_(session), tail_bytes_max_(tail_bytes_max) {}

  std::mutex mutex;
  std::condition_variable moved;

  /// Folds a message and adds the topics of which more is visible now.
  void apply(Message message, std::int64_t now_ms, std::set<std::string>& woken);

  std::string kafka_name(const std::string& topic) const { return prefix_ + "." + topic; }
  /// Code::topic_unknown, topic_replaced.
  Result<TopicState*> find(const std::string& topic);
  std::vector<Holder>* holders(const Bits128& claim);
  /// A record of a holder is not in the log any more. The claim is free once that stands in _decisions, for everybody alike.
  void report_lost(const Bits128& claim, const Holder& holder);
  std::vector<KeptClaim> take_lost() { return std::exchange(lost_, {}); }
  /// First decision that is still needed: every one before it is about records that are gone.
  Offset first_needed_decision();
  /// The log has lost records.
  void rewind(TopicState& topic, Partition partition, Offset end);
  /// Of a topic, also of one of which a decision was read before _meta told that it is made.
  std::vector<PartitionFold>& parts_of(const std::string& topic);
  /// Next offset to read of _meta, _decisions and _claims.
  Offset& next_of(const std::string& kafka_topic) { return next_[kafka_topic]; }

  std::map<std::string, TopicState> topics;
  std::map<std::uint64_t, Own*> own;  // by the number of the batch
  std::string instance, owner;        // the number of the log, and whom it is bound to
  Partition instance_partitions = 0;
  bool hold = false;
  std::map<std::pair<std::string, Partition>, std::pair<Offset, Time>> noted_begins;
  std::string broken;  // why nothing of this log can be trusted any more; empty: all is well

 private:
  struct Done {
    Offset decision;
    std::vector<std::tuple<std::string, Partition, Offset>> last;  // of each partition
  };
  void apply_meta(const Words& words);
  void apply_decision(const Decision& decision, Offset at, std::set<std::string>& woken);
  void apply_claim(const Message& message);
  void forget(const KeptClaim& lost);
  void report_lost_at(PartitionFold& part, Partition partition, Offset offset, BatchId batch);
  void apply_record(TopicState& topic, Message message, std::int64_t now_ms, std::set<std::string>& woken);
  PartitionFold::Verdict verdict_of(const TopicState& topic, PartitionFold& part, const Message& message,
                                    const Envelope& envelope);
  bool accept(const Member& member, std::uint64_t place, BatchId batch, Own::Answer* answer);

  const std::string prefix_;
  const Partition partitions_;
  const std::uint64_t session_;
  const std::size_t tail_bytes_max_;
  std::unordered_map<Bits128, std::vector<Holder>> claims_;
  std::set<BatchId> voided_;
  std::vector<KeptClaim> lost_;
  std::deque<Done> done_;
  std::map<std::string, Offset> next_;
};

}  // namespace backstitch::queue::kafka
