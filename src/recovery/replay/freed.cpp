#include "recovery/replay/freed.h"

#include <algorithm>
#include <map>

namespace backstitch::recovery {

Result<std::set<std::string>> freed_by_exclusions(safe::Safe& safe, const std::vector<Exclusion>& exclusions) {
  std::set<std::string> out;
  std::map<Partition, std::uint64_t> activations;  // the first that is left out, by partition
  for (const Exclusion& exclusion : exclusions)
    BS_TRY(safe.read_archive("incoming", exclusion.partition, exclusion.offset, [&](const queue::Record& record) {
      out.insert(record.key);
      if (record.schema != "incoming.catalog-activate/1") return false;
      const auto [first, fresh] = activations.try_emplace(exclusion.partition, record.offset);
      first->second = std::min(first->second, record.offset);
      return false;
    }));
  for (const auto& [partition, offset] : activations)
    BS_TRY(safe.read_archive("incoming", partition, offset, [&](const queue::Record& record) {
      out.insert(record.key);
      return true;
    }));
  return out;
}

Result<std::set<std::string>> freed_by_distrust(safe::Safe& safe, const std::vector<database::Position>& restored) {
  std::set<std::string> out;
  for (const database::Position& at : restored) {
    const Status read = safe.read_archive("completer", at.partition, at.completer, [&](const queue::Record& record) {
      if (record.key != "*") out.insert(record.key);  // a seal is nobody's
      return true;
    });
    if (!read && read.error().code != Code::offset_behind_end) return fail(read.error());
  }
  return out;
}

}  // namespace backstitch::recovery
