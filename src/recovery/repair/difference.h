// One account in two databases, row by row: what differs, whether a repair may put it right, and the record that does.
#pragma once
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "stores/database/postgres/account_rows.h"

namespace backstitch::recovery {

struct RowDifference {
  std::string table, id, column;       // no column: the row stands on one side alone
  boost::json::value live, corrected;  // null: not there
};

/// The rows of an account, of one side.
class AccountSide {
 public:
  /// Code::json_invalid.
  static Result<AccountSide> read(const std::vector<database::AccountRow>& rows);

  struct Row {
    Bits128 order;  // zero for things of the account
    boost::json::object columns;
  };
  using Key = std::pair<std::string, std::string>;             // table, id
  std::map<Key, Row> rows;                                     // but for events
  std::map<Bits128, std::vector<boost::json::object>> events;  // by order, in the order of turns

  /// All events of the order as one text: turns cut them differently in every run.
  std::string told(Bits128 order) const;
  /// Name of the account that the order's own row names; empty when there is none.
  std::string account_of_order(Bits128 order) const;
};

struct AccountDifference {
  std::vector<RowDifference> rows;
  std::set<Bits128> orders;  // whose rows differ
  /// Why no repair may put it right, in words; empty when one may.
  std::string obstacle;
};

AccountDifference compare_rows(const std::string& account_id, const AccountSide& live, const AccountSide& corrected);

/// "rows" and "taken" of the record (engine/account/repair_account.h): the orders that differ, whole, those that changed an asset
/// that differs, so that the CRM can be told of it, and everything the account has.
boost::json::object repair_rows(const std::string& account_id, const AccountDifference& difference, const AccountSide& live,
                                const AccountSide& corrected);

}  // namespace backstitch::recovery
