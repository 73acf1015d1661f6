// The orders a stand-in has to submit: a file of JSON documents, one a line, sent byte for byte as they stand there.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace backstitch::standin {

struct OrderText {
  std::string source, source_order_id;
  std::int64_t version = 1;
  std::string body;         // as it will be sent
  std::string sha256;       // hex, over exactly these bytes
  std::string key() const;  // names the order in ledgers: source, id and version
};
std::string order_key(std::string_view source, std::string_view source_order_id, std::int64_t version);

/// Code::file_failed, Code::json_invalid with the number of the line.
Result<std::vector<OrderText>> read_orders(const std::string& path);

}  // namespace backstitch::standin
