// Record ids in the manner of Salesforce: a prefix of the type and 15 characters, then three that say which of the 15 are
// capitals.
#pragma once
#include <string>
#include <string_view>

namespace backstitch::standin {

/// 15 characters become 18.
std::string long_id(const std::string& id15);
/// Of `type`, always the same for the same `seed`.
std::string derive_id(std::string_view prefix, const std::string& seed);

}  // namespace backstitch::standin
