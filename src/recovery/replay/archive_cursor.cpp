#include "recovery/replay/archive_cursor.h"

#include <algorithm>

namespace backstitch::recovery {
namespace {

// One piece read from the archive; bounded by bytes too, since many partitions are open at once.
constexpr std::size_t records_in_piece = 2048;
constexpr std::size_t bytes_in_piece = 1 << 20;

const char* topic_of(Log log) { return log == Log::completer ? "completer" : "incoming"; }

}  // namespace

ArchiveCursor::ArchiveCursor(safe::Safe& safe, const database::Position& position, std::vector<Run> runs)
    : safe_(safe), partition_(position.partition), runs_(std::move(runs)) {
  completer_.next = position.completer, incoming_.next = position.incoming;
}

Status ArchiveCursor::fill(Log log, Reader& reader) {
  std::size_t bytes = 0;
  const Status read = safe_.read_archive(topic_of(log), partition_, reader.next, [&](const queue::Record& record) {
    reader.buffer.push_back(
        {log, partition_, record.offset, record.appended, record.key, record.schema, record.headers, record.value});
    bytes += record.value.size() + record.headers.size();
    return reader.buffer.size() < records_in_piece && bytes < bytes_in_piece;
  });
  if (!read && read.error().code != Code::offset_behind_end) return read;
  if (!reader.buffer.empty()) return {};
  return fail(Code::archive_gap, "{} of partition {} ends before offset {}, which a turn has consumed", topic_of(log), partition_,
              reader.next);
}

Status ArchiveCursor::take(std::size_t records_max, std::vector<InputRecord>& out) {
  bool after_incoming = false;
  const std::size_t before = out.size();
  for (std::size_t left = records_max; left > 0 && !at_end();) {
    const Run& run = runs_[run_];
    if (after_incoming && run.log == Log::completer) return {};
    Reader& reader = run.log == Log::completer ? completer_ : incoming_;
    if (reader.buffer.empty()) BS_TRY(fill(run.log, reader));
    for (; left > 0 && reader.next < run.end && !reader.buffer.empty(); --left) {
      // The archive's own lines have no gap; what it passes over was never there.
      if ((reader.next = reader.buffer.front().offset) >= run.end) break;
      const bool alone = stands_alone(reader.buffer.front());
      if (alone && out.size() > before) return {};
      out.push_back(std::move(reader.buffer.front()));
      reader.buffer.pop_front(), ++reader.next;
      if (alone && reader.next >= run.end) ++run_;
      if (alone) return {};
    }
    after_incoming = run.log == Log::incoming;
    if (reader.next >= run.end) ++run_;
  }
  return {};
}

}  // namespace backstitch::recovery
