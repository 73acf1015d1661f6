// One partition as far as its messages were read: what counts, what does not, and what nobody has decided yet. Not thread-safe.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "stores/queue/kafka/wire.h"
#include "stores/queue/port.h"

namespace backstitch::queue::kafka {

/// Offsets that hold no record, as ranges [from, to).
class Holes {
 public:
  void add(Offset offset);
  void cut_before(Offset begin);
  void cut_from(Offset end);
  Offset next_record(Offset from) const;
  bool contains(Offset offset) const { return next_record(offset) != offset; }
  std::vector<std::pair<Offset, Offset>> within(Offset from, Offset to) const;
  std::uint64_t count(Offset from, Offset to) const;

 private:
  std::map<Offset, Offset> ranges_;
};

class PartitionFold {
 public:
  enum class Verdict : std::uint8_t { undecided, counts, hole, lost };  // lost: a hole that a lost tail has left
  struct Waiting {
    Record record;
    BatchId batch;
    Verdict verdict = Verdict::undecided;
    std::int64_t since_ms = 0;
  };
  struct Expected {
    BatchId batch;
    bool counts = false;
  };

  /// Reads from `from` on, the first offset that Kafka still has; `time` is the last append time before it, where one was noted.
  void start(Offset from, Time time);
  /// The next message. Its time is put right when the broker's clock has stepped back. True when more is visible now.
  bool pass(Record record, BatchId batch, Verdict verdict, std::int64_t now_ms, std::size_t tail_bytes_max);
  /// What a decision says about an offset, read already or not.
  bool decide(Offset offset, BatchId batch, bool counts, std::size_t tail_bytes_max);
  bool make_void(BatchId batch, std::size_t tail_bytes_max);
  std::optional<Expected> take_expected(Offset offset);
  /// The last offset that a decision spoke of and that was not read yet; 0 when there is none.
  Offset last_expected() const { return expected_.empty() ? 0 : expected_.rbegin()->first; }
  void forget_expected(Offset offset, BatchId batch);

  void cut(Offset low);     // records before it are gone
  void rewind(Offset end);  // the log has lost its tail
  void jump(Offset low);    // everything before it was removed before it was read

  Offset low() const { return low_; }  // as Kafka has it, but never below 1
  Offset next() const { return next_; }
  Offset begin() const;  // of the records that are there
  /// Where a reader may stand: also before records that are none, which he passes over like those between others.
  Offset first() const { return std::min(low_, end()); }
  Offset end() const { return waiting_.empty() ? std::max<Offset>(next_, 1) : waiting_.front().record.offset; }
  Time first_at() const { return first_at_of_ == begin() && begin() != end() ? first_at_ : Time{}; }
  void note_first(const Record& record) { first_at_of_ = record.offset, first_at_ = record.appended; }
  Time last_at() const { return last_at_; }
  Time time_of(Offset offset, Time told) const;
  /// First offset at or after `time` among those whose time was put right.
  std::optional<Offset> put_right_at(Time time) const;
  std::optional<std::vector<Record>> from_tail(Offset from, std::size_t records_max) const;
  const Waiting* oldest_undecided() const { return waiting_.empty() ? nullptr : &waiting_.front(); }
  const Holes& holes() const { return holes_; }
  const Holes& tails() const { return tails_; }  // those of the holes that are lost

  std::map<Offset, Bits128> claimed;  // claims of records that are still there

 private:
  struct PutRight {
    Offset from, to;
    Time at;
  };
  bool settle(std::size_t tail_bytes_max);
  void keep(Record record, std::size_t tail_bytes_max);

  Offset low_ = 1, next_ = 0, tail_from_ = 1;
  Time last_at_, first_at_;
  Offset first_at_of_ = 0;
  std::deque<Waiting> waiting_;  // from the first undecided one on
  std::map<Offset, Expected> expected_;
  Holes holes_, tails_;
  std::vector<PutRight> put_right_;
  std::deque<Record> tail_;  // of what is visible, the newest
  std::size_t tail_bytes_ = 0;
};

}  // namespace backstitch::queue::kafka
