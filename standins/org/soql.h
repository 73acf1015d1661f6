// The part of SOQL that the org understands: SELECT fields or COUNT() FROM an object, WHERE conditions joined by AND (= != < <= >
// >= LIKE IN), ORDER BY, LIMIT. A field of the account is Account.Name.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "standins/org/api_fault.h"

namespace backstitch::standin {

struct Literal {
  enum class Kind { text, time, number, word } kind = Kind::text;  // word: null, true, false
  std::string text;
};
struct Condition {
  std::string field, op;
  std::vector<Literal> values;  // several with IN alone
};
struct SortKey {
  std::string field;
  bool descending = false;
};
struct Soql {
  std::string type;
  bool count = false;
  std::vector<std::string> fields;
  std::vector<Condition> where;
  std::vector<SortKey> order;
  std::size_t limit = 0;  // 0: none
};

/// MALFORMED_QUERY; INVALID_TYPE and INVALID_FIELD for what the org does not have.
ApiResult<Soql> parse_soql(std::string_view text);

}  // namespace backstitch::standin
