// Commits of others: what is in the WAL less what carries our message.
#include <algorithm>
#include <unordered_map>

#include "stores/database/history/archive.h"
#include "stores/database/history/log_lines.h"
#include "stores/database/history/relation_names.h"

namespace backstitch::database {
namespace {

struct Transaction {
  bool ours = false;
  std::map<std::pair<RelationFile, std::string>, std::int64_t> rows;
  std::vector<RelationFile> truncated;  // by the numbers of the relations
  std::vector<RelationFile> created, dropped;
};

struct ForeignTransaction {
  Commit commit;
  Transaction did;
};

void merge(Transaction& into, Transaction&& from) {
  into.ours = into.ours || from.ours;
  for (const auto& [key, count] : from.rows) into.rows[key] += count;
  into.truncated.insert(into.truncated.end(), from.truncated.begin(), from.truncated.end());
  into.created.insert(into.created.end(), from.created.begin(), from.created.end());
}

/// Gathers by transaction, record by record.
class Gathering {
 public:
  Gathering(const WalArchive& archive, std::uint64_t from, std::uint32_t database, bool only_turns_are_ours)
      : archive_(archive), from_(from), database_(database), only_turns_are_ours_(only_turns_are_ours) {}

  void take(const WalRecord& record) {
    using Kind = WalRecord::Kind;
    if (record.kind == Kind::running && !counted_from_) counted_from_ = record.next_xid;
    if (record.kind == Kind::commit || record.kind == Kind::abort) return end(record);
    if (record.xid == 0 || record.kind == Kind::running) return;
    Transaction& transaction = open_[record.xid];
    if (record.kind == Kind::message) {
      if (!is_ours(record)) return;
      transaction = {.ours = true, .rows = {}, .truncated = {}, .created = {}, .dropped = {}};
    } else if (transaction.ours) {
      return;
    } else if (record.kind == Kind::rows) {
      transaction.rows[{record.file, record.operation}] += record.count;
    } else if (record.kind == Kind::created) {
      transaction.created.push_back(record.file);
    } else if (record.kind == Kind::truncate) {
      for (const std::uint32_t relation : record.relations) transaction.truncated.push_back({database_, relation});
    }
  }

  /// A transaction that had its number before the reading began may have written before it too.
  bool is_cut() const { return cut_; }
  std::vector<ForeignTransaction>& found() { return found_; }

 private:
  bool is_ours(const WalRecord& message) const {
    return message.prefix == own_message_prefix && (!only_turns_are_ours_ || message.payload == turn_message);
  }

  Transaction close(std::uint32_t xid) {
    auto node = open_.extract(xid);
    return node.empty() ? Transaction{} : std::move(node.mapped());
  }

  void end(const WalRecord& record) {
    Transaction whole = close(record.xid);
    for (const std::uint32_t xid : record.subtransactions) merge(whole, close(xid));
    whole.dropped = record.dropped;
    if (record.kind == WalRecord::Kind::abort || whole.ours || record.place < from_ || record.xid == 0) return;
    cut_ = cut_ || !counted_from_ || static_cast<std::int32_t>(record.xid - *counted_from_) < 0;
    if (whole.rows.empty() && whole.truncated.empty() && whole.dropped.empty()) return;
    found_.push_back({{{archive_.timeline_at(record.place), record.place}, record.at, record.xid}, std::move(whole)});
  }

  const WalArchive& archive_;
  const std::uint64_t from_;
  const std::uint32_t database_;
  const bool only_turns_are_ours_;
  std::optional<std::uint32_t> counted_from_;
  std::unordered_map<std::uint32_t, Transaction> open_;
  std::vector<ForeignTransaction> found_;
  bool cut_ = false;
};

std::map<std::string, std::int64_t> named_rows(const Transaction& transaction, const RelationNames& names) {
  std::map<std::string, std::int64_t> rows;
  for (const auto& [key, count] : transaction.rows)
    if (const std::string name = names.of_file(key.first); !name.empty()) rows[name + " " + key.second] += count;
  for (const RelationFile& relation : transaction.truncated)
    if (const std::string name = names.of_relation(relation); !name.empty()) rows[name + " truncate"] += 1;
  // With new files in place of the old ones a table was truncated or rewritten, without any it was dropped.
  if (transaction.created.empty())
    for (const RelationFile& file : transaction.dropped)
      if (const std::string name = names.of_file(file); !name.empty()) rows[name + " drop"] += 1;
  return rows;
}

/// Some file of it lies in this database, or in none; one that names no file is taken for such.
bool is_of(const Transaction& transaction, std::uint32_t database) {
  std::vector<RelationFile> files = transaction.dropped;
  for (const auto& [key, count] : transaction.rows) files.push_back(key.first);
  files.insert(files.end(), transaction.created.begin(), transaction.created.end());
  return files.empty() || std::any_of(files.begin(), files.end(),
                                      [&](const RelationFile& file) { return file.database == database || file.database == 0; });
}

/// Back to where every transaction that counts had not begun yet, or to the beginning of the archive.
Result<std::vector<ForeignTransaction>> read_foreign(const WalArchive& archive, const Lsn& from, std::uint32_t database,
                                                     bool only_turns_are_ours) {
  std::uint64_t segment = std::max<std::uint64_t>(WalArchive::segment_of(from.place), 1);
  for (std::uint64_t step = 1;; step *= 2) {
    for (std::uint64_t back = 0; back < step && segment > archive.first() && archive.has(segment - 1); ++back) --segment;
    Gathering gathering(archive, from.place, database, only_turns_are_ours);
    BS_TRY(archive.read(segment, [&](const WalRecord& record) {
      gathering.take(record);
      return true;
    }));
    if (!gathering.is_cut() || segment == archive.first() || !archive.has(segment - 1)) return std::move(gathering.found());
  }
}

}  // namespace

Result<std::vector<ForeignCommit>> History::foreign_commits(const Lsn& from, const std::string& connection) const {
  return commits(from, connection, false);
}

Result<std::vector<ForeignCommit>> History::commits_but_turns(const Lsn& from, const std::string& connection) const {
  return commits(from, connection, true);
}

Result<std::vector<ForeignCommit>> History::commits(const Lsn& from, const std::string& connection,
                                                    bool only_turns_are_ours) const {
  auto archive = WalArchive::open(folders_.wal, {}, version_);
  if (archive && !archive->passes(from)) archive = WalArchive::open(folders_.wal, from.timeline, version_);
  if (!archive) return fail(archive.error());
  if (from.place > archive->end()) return std::vector<ForeignCommit>{};  // nothing behind it is archived yet
  const auto names = RelationNames::load(connection);
  if (!names) return fail(names.error());
  const auto found = read_foreign(*archive, from, names->database(), only_turns_are_ours);
  if (!found) return fail(found.error());
  std::vector<ForeignCommit> commits;
  for (const auto& [commit, did] : *found) {
    if (others_databases_ && !is_of(did, names->database())) continue;
    if (auto rows = named_rows(did, *names); !rows.empty()) commits.push_back({commit, {}, {}, std::move(rows)});
  }
  name_writers(folders_.log_file(), commits);
  return commits;
}

}  // namespace backstitch::database
