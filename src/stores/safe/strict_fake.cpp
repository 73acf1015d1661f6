#include "stores/safe/strict_fake.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "stores/safe/names.h"

namespace backstitch::safe {
namespace {

bool same_content(const queue::Record& a, const queue::Record& b) {
  return a.appended == b.appended && a.key == b.key && a.schema == b.schema && a.headers == b.headers && a.value == b.value;
}

Status check_record(const queue::Record& record) {
  if (!record.appended.is_set()) return fail(Code::safe_failed, "record {} has no append time", record.offset);
  if (record.schema.find('/') == std::string::npos) return fail(Code::safe_failed, "\"{}\" has no version", record.schema);
  const auto headers = parse_json(record.headers.empty() ? "{}" : record.headers);
  if (!headers || !headers->is_object()) return fail(Code::safe_failed, "headers are no JSON object: {}", record.headers);
  return {};
}

}  // namespace

void StrictFake::fail_next_write(Code code, bool written) {
  const std::lock_guard lock(mutex_);
  fault_ = Fault{code, written};
}

std::uint64_t StrictFake::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

Status StrictFake::write(const std::function<void()>& act) {
  const auto fault = std::exchange(fault_, std::nullopt);
  if (!fault || fault->written) {
    act();
    ++writes_;
  }
  if (fault) return fail(fault->code, "as the test wanted");
  return {};
}

Status StrictFake::check_partition(Partition partition) const {
  if (partition >= 0 && partition < partitions_) return {};
  return fail(Code::partition_unknown, "{} of {}", partition, partitions_);
}

Status StrictFake::check_place(const std::string& topic, Partition partition) const {
  if (topic != "incoming" && topic != "completer") return fail(Code::topic_unknown, "\"{}\" is not archived", topic);
  return check_partition(partition);
}

Result<Epoch> StrictFake::epoch() {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

Status StrictFake::change_epoch(const Epoch& expected, const Epoch& wanted) {
  const std::lock_guard lock(mutex_);
  if (wanted.open != wanted.saga.empty()) return fail(Code::safe_failed, "a closed epoch names its recovery, an open one none");
  if (epoch_ != expected || wanted.n < epoch_.n) return fail(Code::epoch_conflict, "epoch {} stands there", epoch_.n);
  return write([&] { epoch_ = wanted; });
}

Status StrictFake::put(const std::string& name, std::string_view content) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_object_name(name));
  return write([&] { objects_[name] = content; });
}

Result<bool> StrictFake::put_new(const std::string& name, std::string_view content) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_object_name(name));
  if (objects_.contains(name)) return false;
  BS_TRY(write([&] { objects_[name] = content; }));
  return true;
}

Result<std::string> StrictFake::get(const std::string& name) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_object_name(name));
  const auto found = objects_.find(name);
  if (found == objects_.end()) return fail(Code::object_not_found, "{}", name);
  return found->second;
}

Result<std::vector<std::string>> StrictFake::list(const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, content] : objects_)
    if (name.starts_with(prefix)) names.push_back(name);
  return names;
}

Status StrictFake::append(Log& log, const std::vector<queue::Record>& records) {
  if (records.empty()) return {};
  std::uint64_t expected = records.front().offset;
  if (expected == 0 || expected > log.size() + 1) return fail(Code::offset_behind_end, "{} after {}", expected, log.size());
  std::vector<queue::Record> fresh;
  for (const queue::Record& record : records) {
    if (record.offset != expected) return fail(Code::offset_behind_end, "{} where {} belongs", record.offset, expected);
    if (expected > log.size()) fresh.push_back(record);
    ++expected;
  }
  for (const queue::Record& record : records)
    if (record.offset <= log.size() && !same_content(record, log[record.offset - 1]))
      return fail(Code::checksum_mismatch, "{} has another content already", record.offset);
  if (fresh.empty()) return {};
  return write([&] { log.insert(log.end(), fresh.begin(), fresh.end()); });
}

Status StrictFake::archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_place(topic, partition));
  for (const queue::Record& record : records) BS_TRY(check_record(record));
  return append(archives_[{topic, partition}], records);
}

Result<queue::Offset> StrictFake::archived_end(const std::string& topic, Partition partition) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_place(topic, partition));
  return archives_[{topic, partition}].size() + 1;
}

Status StrictFake::read_archive(const std::string& topic, Partition partition, queue::Offset from,
                                const std::function<bool(const queue::Record&)>& each) {
  std::unique_lock lock(mutex_);
  BS_TRY(check_place(topic, partition));
  const Log log = archives_[{topic, partition}];
  lock.unlock();
  if (from == 0) return fail(Code::offset_expired, "{} begins at 1", topic);
  if (from > log.size() + 1) return fail(Code::offset_behind_end, "{} was asked for and {} is the end", from, log.size() + 1);
  for (std::size_t i = from - 1; i < log.size() && (log[i].schema == lost_schema || each(log[i]));) ++i;
  return {};
}

Status StrictFake::mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_partition(partition));
  std::vector<queue::Record> records;
  for (const auto& [turn, text] : turns) {
    if (!parse_json(text)) return fail(Code::safe_failed, "turn {} is not JSON: {}", turn, text);
    records.push_back({turn, {}, {}, {}, {}, text});
  }
  return append(turns_[partition], records);
}

Result<std::uint64_t> StrictFake::mirrored_turn(Partition partition) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_partition(partition));
  return turns_[partition].size();
}

Status StrictFake::read_turns(Partition partition, const std::function<bool(std::uint64_t, const std::string&)>& each) {
  std::unique_lock lock(mutex_);
  BS_TRY(check_partition(partition));
  const Log log = turns_[partition];
  lock.unlock();
  for (const queue::Record& turn : log)
    if (!each(turn.offset, turn.value)) break;
  return {};
}

}  // namespace backstitch::safe
