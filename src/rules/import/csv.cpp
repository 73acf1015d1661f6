#include "rules/import/csv.h"

namespace backstitch::import {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text) {}

  Result<std::vector<std::vector<std::string>>> parse() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (quoted_) {
        if (c == '"' && at_ < text_.size() && text_[at_] == '"')
          cell_ += text_[at_++];
        else if (c == '"')
          quoted_ = false;
        else
          cell_ += c;
        if (c == '\n') ++line_;
      } else if (c == '"' && cell_.empty()) {
        quoted_ = true;
        quote_line_ = line_;
      } else if (c == ',') {
        end_cell();
      } else if (c == '\n') {
        end_row();
        ++line_;
      } else if (c != '\r' || at_ == text_.size() || text_[at_] != '\n') {
        cell_ += c;
      }
    }
    if (quoted_) return fail(Code::import_failed, "the quote of line {} has no end", quote_line_);
    if (!cell_.empty() || !row_.empty()) end_row();
    return std::move(rows_);
  }

 private:
  void end_cell() {
    row_.push_back(std::move(cell_));
    cell_.clear();
  }
  void end_row() {
    end_cell();
    const bool blank_line = row_.size() == 1 && row_[0].empty();
    if (!blank_line) rows_.push_back(std::move(row_));
    row_.clear();
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, quote_line_ = 0;
  bool quoted_ = false;
  std::string cell_;
  std::vector<std::string> row_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace

Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text) { return Parser(text).parse(); }

Result<Table> Table::read(std::string name, std::string_view text) {
  auto rows = parse_csv(text);
  if (!rows) return fail(Code::import_failed, "{}: {}", name, rows.error().detail);
  if (rows->empty()) return fail(Code::import_failed, "{}: no header line", name);
  Table table;
  table.name_ = std::move(name);
  const std::vector<std::string>& header = rows->front();
  for (std::size_t i = 0; i < header.size(); ++i) table.columns_.emplace(header[i], i);
  for (std::size_t i = 1; i < rows->size(); ++i) {
    std::vector<std::string>& row = (*rows)[i];
    if (row.size() != header.size())
      return fail(Code::import_failed, "{}: row {} has {} cells, the header has {}", table.name_, i, row.size(), header.size());
    for (std::string& cell : row)
      if (cell == "#N/A") cell.clear(), ++table.not_available_;
    table.rows_.push_back(std::move(row));
  }
  return table;
}

const std::string& Table::cell(std::size_t row, const std::string& column) {
  static const std::string blank;
  asked_.insert(column);
  const auto found = columns_.find(column);
  return found == columns_.end() ? blank : rows_[row][found->second];
}

std::vector<std::string> Table::unread() const {
  std::vector<std::string> out;
  for (const auto& [column, place] : columns_) {
    if (asked_.contains(column)) continue;
    std::size_t filled = 0;
    bool says_something = false;
    for (const auto& row : rows_) {
      if (!row[place].empty()) ++filled;
      says_something = says_something || (!row[place].empty() && row[place] != "false");
    }
    if (says_something) out.push_back(fmt::format("{} ({} of {} rows)", column, filled, rows_.size()));
  }
  return out;
}

}  // namespace backstitch::import
