#include "stores/database/history/log_lines.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>

#include "base/text.h"

namespace backstitch::database {
namespace {

constexpr std::size_t statement_max = 500;

/// "duration: 1.651 ms  statement: truncate t", "duration: 0.2 ms  execute <unnamed>: delete …"
struct Ran {
  std::string statement;
  std::int64_t duration_us = 0;
};
Ran ran(const LogEntry& entry) {
  if (entry.level == "STATEMENT") return {entry.text, 0};
  constexpr std::string_view begin = "duration: ";
  const auto unit = entry.text.find(" ms  ");
  const auto colon = entry.text.find(": ", unit == std::string::npos ? 0 : unit);
  if (entry.level != "LOG" || !entry.text.starts_with(begin) || unit == std::string::npos || colon == std::string::npos)
    return {};
  return {entry.text.substr(colon + 2), static_cast<std::int64_t>(std::atof(entry.text.c_str() + begin.size()) * 1000)};
}

/// Runs without the executor, so the log has it without a number.
bool is_utility(std::string_view statement) {
  constexpr std::array<std::string_view, 9> words{"truncate", "copy",   "do",      "call",   "drop",
                                                  "alter",    "create", "refresh", "execute"};
  std::string word;
  for (const char c : statement.substr(0, 10)) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Witness {
 public:
  explicit Witness(std::vector<ForeignCommit>& commits) : commits_(commits), seen_(commits.size()) {
    for (std::size_t i = 0; i < commits.size(); ++i) {
      by_xid_.emplace(commits[i].commit.xid, i);
      by_time_.emplace(commits[i].commit.at, i);
    }
  }

  void take(const LogEntry& entry) {
    // Transactions end with their server; one with the same number behind it, on another timeline, is another one.
    if (entry.text.starts_with("starting PostgreSQL ")) return forget_before(entry.at);
    if (entry.role.empty()) return;
    const Ran run = ran(entry);
    if (run.statement.empty()) return;
    if (entry.xid != 0) {
      const auto [first, last] = by_xid_.equal_range(entry.xid);
      for (auto it = first; it != last; ++it)
        if (entry.at <= commits_[it->second].commit.at) note(seen_[it->second].numbered, entry, run.statement);
    } else if (run.duration_us > 0 && is_utility(run.statement)) {
      // The log's time has milliseconds, cut off.
      const Time begun{entry.at.us - run.duration_us}, ended{entry.at.us + 1000};
      for (auto it = by_time_.lower_bound(begun); it != by_time_.end() && it->first <= ended; ++it)
        note(seen_[it->second].timed, entry, run.statement);
    }
  }

  void write_down() {
    for (std::size_t i = 0; i < commits_.size(); ++i) {
      const Sessions& sessions = seen_[i].numbered.empty() ? seen_[i].timed : seen_[i].numbered;
      if (sessions.size() != 1) continue;  // nobody, or one of several
      commits_[i].role = sessions.begin()->second.role;
      commits_[i].statement = utf8_prefix(sessions.begin()->second.statement, statement_max);
    }
  }

 private:
  struct Session {
    std::string role, statement;
  };
  using Sessions = std::map<int, Session>;  // by pid
  struct Seen {
    Sessions numbered, timed;
  };

  static void note(Sessions& sessions, const LogEntry& entry, const std::string& statement) {
    sessions.try_emplace(entry.pid, Session{entry.role, statement});  // the first statement stays
  }
  void forget_before(Time started) {
    for (auto it = by_time_.lower_bound(started); it != by_time_.end(); ++it) seen_[it->second] = {};
  }

  std::vector<ForeignCommit>& commits_;
  std::vector<Seen> seen_;
  std::multimap<std::uint32_t, std::size_t> by_xid_;
  std::multimap<Time, std::size_t> by_time_;
};

}  // namespace

LogEntry parse_log_line(std::string_view line) {
  constexpr std::size_t time_size = 23;
  LogEntry entry;
  if (line.size() < time_size || line.substr(time_size, 6) != " UTC [") return entry;
  std::string time(line.substr(0, time_size));
  time[10] = 'T';
  const auto at = parse_rfc3339(time + "Z");
  const auto bracket = line.find("] ", time_size);
  if (!at || bracket == std::string_view::npos) return entry;
  entry.pid = std::atoi(std::string(line.substr(time_size + 6, bracket - time_size - 6)).c_str());
  std::string_view rest = line.substr(bracket + 2);
  const auto colon = rest.find(":  ");
  if (colon == std::string_view::npos) return entry;
  std::string_view head = rest.substr(0, colon);  // "batch xid=726 STATEMENT", or "LOG" alone
  const auto mark = head.rfind(" xid=");
  if (mark != std::string_view::npos) {
    entry.role = head.substr(0, mark);
    entry.xid = static_cast<std::uint32_t>(std::strtoul(std::string(head.substr(mark + 5)).c_str(), nullptr, 10));
  }
  entry.level = head.substr(head.rfind(' ') == std::string_view::npos ? 0 : head.rfind(' ') + 1);
  entry.text = rest.substr(colon + 3);
  entry.at = *at;
  return entry;
}

void name_writers(const std::string& log_file, std::vector<ForeignCommit>& commits) {
  if (commits.empty()) return;
  Witness witness(commits);
  std::ifstream log(log_file);
  LogEntry entry;
  for (std::string line; std::getline(log, line);) {
    LogEntry next = parse_log_line(line);
    if (next.at.is_set()) {
      witness.take(entry);
      entry = std::move(next);
    } else if (entry.text.size() < 2 * statement_max) {  // goes on, behind a tab
      entry.text += "\n" + line.substr(std::min<std::size_t>(line.find_first_not_of('\t'), line.size()));
    }
  }
  witness.take(entry);
  witness.write_down();
}

}  // namespace backstitch::database
