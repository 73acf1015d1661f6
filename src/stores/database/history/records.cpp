#include "stores/database/history/records.h"

#include <charconv>

namespace backstitch::database {
namespace {

/// Between `before` and `after`, or the end; empty when `before` is not there.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto from = text.find(before);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + before.size());
  return text.substr(0, text.find(after));
}

/// The number that `text` begins with, behind blanks; takes it off. 0 when there is none.
std::uint64_t take_number(std::string_view& text, int base = 10) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  text.remove_prefix(error == std::errc() ? static_cast<std::size_t>(end - text.data()) : 0);
  return number;
}

std::uint32_t number_in(std::string_view text) { return static_cast<std::uint32_t>(take_number(text)); }

std::vector<std::uint32_t> numbers_in(std::string_view text) {
  std::vector<std::uint32_t> all;
  while (const std::uint64_t number = take_number(text)) all.push_back(static_cast<std::uint32_t>(number));
  return all;
}

/// "base/5/16384" or, in another tablespace, "pg_tblspc/16401/PG_15_202209061/5/16384"; later versions add "_fsm" and the like.
RelationFile file_of_path(std::string_view path) {
  const auto last = path.rfind('/');
  const auto before = last == std::string_view::npos || last == 0 ? last : path.rfind('/', last - 1);
  if (before == std::string_view::npos) return {};
  return {number_in(path.substr(before + 1)), number_in(path.substr(last + 1))};
}

/// "74 75 72 6E" → "turn"
std::string text_of_bytes(std::string_view bytes) {
  std::string text;
  while (const std::uint64_t byte = take_number(bytes, 16)) text += static_cast<char>(byte);
  return text;
}

void parse_rows(std::string_view what, WalRecord& record) {
  const std::string_view word = what.substr(0, what.find_first_of(" +"));
  if (word == "INSERT" || word == "MULTI_INSERT")
    record.operation = "insert";
  else if (word == "UPDATE" || word == "HOT_UPDATE")
    record.operation = "update";
  else if (word == "DELETE")
    record.operation = "delete";
  else
    return;
  record.kind = WalRecord::Kind::rows;
  record.count = 1;
  if (word == "MULTI_INSERT") {  // 15: "MULTI_INSERT+INIT 3 tuples flags 0x0A", 16: "MULTI_INSERT ntuples: 3, flags: 0x0A"
    const auto named = between(what, "ntuples: ", ",");
    record.count = number_in(named.empty() ? between(what, " ", " tuples") : named);
  }
  std::string_view relation = between(what, "blkref #0: rel ", " ");  // tablespace, database, file
  take_number(relation);
  if (!relation.empty()) relation.remove_prefix(1);
  record.file.database = static_cast<std::uint32_t>(take_number(relation));
  if (!relation.empty()) relation.remove_prefix(1);
  record.file.number = number_in(relation);
}

/// "COMMIT 2026-11-27 02:46:54.540826 UTC; subxacts: 727", "COMMIT_PREPARED 730: 2026-…", "ABORT …"
void parse_end(std::string_view what, WalRecord& record) {
  const bool commit = what.starts_with("COMMIT ") || what.starts_with("COMMIT_PREPARED ");
  const bool abort = what.starts_with("ABORT ") || what.starts_with("ABORT_PREPARED ");
  if (!commit && !abort) return;
  const bool prepared = what.substr(0, what.find(' ')).ends_with("_PREPARED");
  std::string_view rest = what.substr(what.find(' ') + 1);
  if (prepared) {
    record.xid = number_in(rest);
    rest.remove_prefix(std::min(rest.find(": ") + 2, rest.size()));
  }
  std::string time(rest.substr(0, rest.find(" UTC")));
  if (time.size() > 10) time[10] = 'T';
  if (const auto at = parse_rfc3339(time + "Z")) record.at = *at;
  record.subtransactions = numbers_in(between(rest, "; subxacts: ", ";"));
  for (auto paths = between(rest, "; rels: ", ";"); !paths.empty();) {
    const auto end = std::min(paths.find(' '), paths.size());
    if (end > 0) record.dropped.push_back(file_of_path(paths.substr(0, end)));
    paths.remove_prefix(std::min(end + 1, paths.size()));
  }
  record.kind = commit ? WalRecord::Kind::commit : WalRecord::Kind::abort;
}

void parse_what(std::string_view manager, std::string_view what, WalRecord& record) {
  if (manager == "Transaction") return parse_end(what, record);
  if (manager == "Heap2" || (manager == "Heap" && !what.starts_with("TRUNCATE "))) return parse_rows(what, record);
  if (manager == "Heap") {  // 15: "TRUNCATE nrelids 1 relids 16384", 16: "TRUNCATE flags: [], nrelids: 1, relids: [16384]"
    record.kind = WalRecord::Kind::truncate;
    auto relations = what.substr(std::min(what.find(" relids"), what.size()));
    relations.remove_prefix(std::min(relations.find_first_of("0123456789"), relations.size()));
    for (; !relations.empty(); relations.remove_prefix(std::min(relations.find_first_of("0123456789"), relations.size())))
      record.relations.push_back(static_cast<std::uint32_t>(take_number(relations)));
  } else if (manager == "LogicalMessage" && what.starts_with("MESSAGE transactional")) {
    record.kind = WalRecord::Kind::message;
    record.prefix = between(what, "prefix \"", "\"");
    record.payload = text_of_bytes(between(what, "bytes): ", "\n"));
  } else if (manager == "Storage" && what.starts_with("CREATE ")) {
    record.kind = WalRecord::Kind::created;
    record.file = file_of_path(what.substr(7, what.find_first_of(" ,", 7) - 7));
  } else if (manager == "Standby" && what.starts_with("RUNNING_XACTS ")) {
    record.kind = WalRecord::Kind::running;
    record.next_xid = number_in(between(what, "nextXid ", " "));
  }
}

}  // namespace

std::uint64_t parse_place(std::string_view text) {
  const std::uint64_t high = take_number(text, 16);
  if (text.empty() || text.front() != '/') return 0;
  text.remove_prefix(1);
  return (high << 32) | take_number(text, 16);
}

WalRecord parse_record(std::string_view line) {
  WalRecord record;
  if (!line.starts_with("rmgr: ")) return record;
  const auto desc = line.find(", desc: ");
  if (desc == std::string_view::npos) return record;
  const std::string_view head = line.substr(0, desc);
  record.xid = number_in(between(head, ", tx:", ","));
  record.place = parse_place(between(head, ", lsn: ", ","));
  parse_what(between(head, "rmgr: ", " "), line.substr(desc + 8), record);
  return record;
}

}  // namespace backstitch::database
