#include "stores/safe/log_safe.h"

namespace backstitch::safe {
namespace {

const std::string turns_kind = "turns";

Status check_topic(const std::string& topic) {
  if (topic == "incoming" || topic == "completer") return {};
  return fail(Code::topic_unknown, "\"{}\" is not archived; incoming and completer are", topic);
}

}  // namespace

Status LogSafe::archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) {
  BS_TRY(check_topic(topic));
  std::vector<NumberedLog::Entry> entries;
  entries.reserve(records.size());
  for (const queue::Record& record : records) entries.push_back({record.offset, files::record_payload(record)});
  return append(topic, partition, entries);
}

Result<queue::Offset> LogSafe::archived_end(const std::string& topic, Partition partition) {
  BS_TRY(check_topic(topic));
  const auto log = log_of(topic, partition);
  if (!log) return fail(log.error());
  return (*log)->end();
}

Status LogSafe::read_archive(const std::string& topic, Partition partition, queue::Offset from,
                             const std::function<bool(const queue::Record&)>& each) {
  BS_TRY(check_topic(topic));
  const auto log = log_of(topic, partition);
  if (!log) return fail(log.error());
  return (*log)->read(from, [&](const files::Line& line) -> Result<bool> {
    const auto record = files::record_of(line);
    if (!record) return fail(Code::checksum_mismatch, "{}/{}: number {} is no record", topic, partition, line.number);
    return record->schema == lost_schema || each(*record);
  });
}

Status LogSafe::mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) {
  std::vector<NumberedLog::Entry> entries;
  entries.reserve(turns.size());
  for (const auto& [number, text] : turns) {
    entries.push_back({number, {}});
    files::append_escaped(entries.back().payload, text);
  }
  return append(turns_kind, partition, entries);
}

Result<std::uint64_t> LogSafe::mirrored_turn(Partition partition) {
  const auto log = log_of(turns_kind, partition);
  if (!log) return fail(log.error());
  const auto behind = (*log)->end();
  if (!behind) return behind;
  return *behind - 1;
}

Status LogSafe::read_turns(Partition partition, const std::function<bool(std::uint64_t, const std::string&)>& each) {
  const auto log = log_of(turns_kind, partition);
  if (!log) return fail(log.error());
  return (*log)->read(1, [&](const files::Line& line) -> Result<bool> {
    const auto text = files::unescaped(line.payload);
    if (!text) return fail(Code::checksum_mismatch, "turns/{}: number {} is no turn", partition, line.number);
    return each(line.number, *text);
  });
}

Status LogSafe::append(const std::string& kind, Partition partition, const std::vector<NumberedLog::Entry>& entries) {
  const auto log = log_of(kind, partition);
  if (!log) return fail(log.error());
  BS_TRY(before_writing(kind));
  return (*log)->append(entries);
}

/// Logs live as long as the safe.
Result<NumberedLog*> LogSafe::log_of(const std::string& kind, Partition partition) {
  if (partition < 0) return fail(Code::partition_unknown, "{}/{}", kind, partition);
  const std::lock_guard lock(mutex_);
  auto& log = logs_[{kind, partition}];
  if (!log) log = make_log(kind, fmt::format("{}/p{:02}", kind, partition));
  return log.get();
}

}  // namespace backstitch::safe
