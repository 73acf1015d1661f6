// CSV as RFC 4180 has it: quotes, doubled quotes, line ends inside quotes, with or without CR and a byte order mark.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace backstitch::import {

/// Rows of cells. Code::import_failed names the line of an open quote.
Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text);

/// A file with a header line. Remembers which columns were asked for, so that what holds values and was never read can be told.
class Table {
 public:
  Table() = default;
  /// Code::import_failed when a row has another number of cells than the header. A cell "#N/A" is blank.
  static Result<Table> read(std::string name, std::string_view text);

  const std::string& name() const { return name_; }
  std::size_t size() const { return rows_.size(); }
  bool has(const std::string& column) const { return columns_.contains(column); }
  /// "" for a column that the file does not have.
  const std::string& cell(std::size_t row, const std::string& column);
  /// "Column (12 of 30 rows)" for each one that was never asked for and says something (not blank, not the same "false"
  /// everywhere).
  std::vector<std::string> unread() const;
  std::size_t not_available_cells() const { return not_available_; }

 private:
  std::string name_;
  std::map<std::string, std::size_t> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::set<std::string> asked_;
  std::size_t not_available_ = 0;
};

}  // namespace backstitch::import
