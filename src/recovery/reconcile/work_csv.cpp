// The work list as a table for people: out, filled in somewhere else, and in again (RFC 4180).
#include <algorithm>
#include <optional>

#include "recovery/reconcile/work_list.h"

namespace backstitch::recovery {
namespace {

constexpr const char* head = "id,kind,subject,evidence,proposal,choices,owner,decision,note,who,when\r\n";

struct Line {
  std::size_t number = 1;  // of the file's line it begins in
  std::vector<std::string> fields;
};

void append_field(std::string& out, const std::string& text, char behind = ',') {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    out += text;
  } else {
    out += '"';
    for (const char c : text) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
  out += behind;
}

/// Fields of a table; line feeds alone end a line too, as many programs write them.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }
  bool at_end() const { return at_ >= text_.size(); }

  Result<Line> line() {
    Line line;
    line.number = number_;
    while (true) {
      auto field = this->field(line.fields.size() + 1);
      if (!field) return fail(std::move(field.error()));
      line.fields.push_back(std::move(*field));
      if (at_end()) return line;
      const char c = text_[at_++];
      if (c == ',') continue;
      if (c == '\r' && !at_end() && text_[at_] == '\n') ++at_;
      ++number_;
      return line;
    }
  }

 private:
  Result<std::string> field(std::size_t column) {
    std::string out;
    if (at_end() || text_[at_] != '"') {
      const auto end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      out = text_.substr(at_, end - at_), at_ = end;
      return out;
    }
    const std::size_t begin = number_;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '"' && (at_ + 1 >= text_.size() || text_[at_ + 1] != '"')) break;
      if (text_[at_] == '"') ++at_;
      if (text_[at_] == '\n') ++number_;
      out += text_[at_];
    }
    if (at_end()) return fail(Code::decision_invalid, "line {}, column {}: the quotation does not end", begin, column);
    ++at_;
    if (!at_end() && std::string_view(",\r\n").find(text_[at_]) == std::string_view::npos)
      return fail(Code::decision_invalid, "line {}, column {}: text behind a quotation", number_, column);
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0, number_ = 1;
};

struct Columns {
  std::size_t id = 0, decision = 0;
  std::optional<std::size_t> note, who;
};

Result<Columns> columns_of(const Line& line) {
  const auto find = [&](const char* name) -> std::optional<std::size_t> {
    const auto at = std::find(line.fields.begin(), line.fields.end(), name);
    return at == line.fields.end() ? std::nullopt : std::optional<std::size_t>(at - line.fields.begin());
  };
  const auto id = find("id"), decision = find("decision");
  if (!id || !decision) return fail(Code::decision_invalid, "line 1: the head line has no {}", id ? "decision" : "id");
  return Columns{*id, *decision, find("note"), find("who")};
}

std::string field_of(const Line& line, std::optional<std::size_t> column) {
  return column && *column < line.fields.size() ? line.fields[*column] : std::string();
}

Status take_line(std::vector<WorkRow>& rows, const Line& line, const Columns& columns, Time when) {
  const std::string decision = field_of(line, columns.decision), id = field_of(line, columns.id);
  if (decision.empty()) return {};
  const auto row = find_work(rows, id);
  if (!row) return fail(Code::decision_invalid, "line {}, id: there is no {}", line.number, id);
  const std::string note = columns.note ? field_of(line, columns.note) : (*row)->note;
  const std::string who = columns.who ? field_of(line, columns.who) : (*row)->who;
  const Status decided = decide_row(**row, {decision, note, who}, when);
  if (decided) return {};
  const char* column = who.empty() ? "who" : "decision";
  return fail(Code::decision_invalid, "line {}, {}: {}", line.number, column, decided.error().detail);
}

}  // namespace

std::string work_csv(const std::vector<WorkRow>& rows) {
  std::string out = head;
  for (const WorkRow& row : rows) {
    for (const std::string& text : {row.id, row.kind, row.subject, row.evidence, row.proposal, joined_choices(row, "|"),
                                    row.owner, row.decision, row.note, row.who})
      append_field(out, text);
    append_field(out, row.when.is_set() ? rfc3339(row.when) : "", '\r');
    out += '\n';
  }
  return out;
}

Status decide_work_csv(safe::Safe& safe, const std::string& recovery_id, std::string_view csv, Time when) {
  Reader reader(csv);
  const auto first = reader.line();
  if (!first) return fail(first.error());
  const auto columns = columns_of(*first);
  if (!columns) return fail(columns.error());
  std::vector<Line> lines;
  while (!reader.at_end()) {
    auto line = reader.line();
    if (!line) return fail(std::move(line.error()));
    lines.push_back(std::move(*line));
  }
  return change_work(safe, recovery_id, [&](std::vector<WorkRow>& rows) -> Status {
    for (const Line& line : lines) BS_TRY(take_line(rows, line, *columns, when));
    return {};
  });
}

}  // namespace backstitch::recovery
