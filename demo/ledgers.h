// What the outside wrote down, read from its files.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch::demo {

/// "org1 O-000001 version 1"
std::string order_name(const std::string& source, const std::string& source_order_id, std::int64_t version);

struct OutsideLedgers {
  std::map<std::string, std::string> acknowledged;  // order_name → SHA-256 of the bytes that were sent
  std::map<std::string, std::string> told;          // external id → last status
  std::vector<std::string> rejected, faults;        // names; sentences
};

/// Adds one ledger of JSON lines; what kill -9 left of a last line was never answered for. Code::file_failed, json_invalid.
Status read_outside_ledger(const std::string& path, OutsideLedgers& ledgers);

}  // namespace backstitch::demo
