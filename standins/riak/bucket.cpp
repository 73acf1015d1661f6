#include "standins/riak/bucket.h"

#include <algorithm>

namespace backstitch::standin {

bool RiakObject::is_gone() const {
  return std::all_of(versions.begin(), versions.end(), [](const RiakVersion& version) { return version.deleted; });
}

RiakObject* RiakType::find(const std::string& bucket, const std::string& key, Time now) {
  const auto found = objects.find({bucket, key});
  if (found == objects.end()) return nullptr;
  if (expiry_ms == 0 || found->second.versions.back().modified.plus_ms(expiry_ms) > now) return &found->second;
  objects.erase(found);
  return nullptr;
}

void RiakClocks::write(RiakObject& object, RiakVersion version, const std::string& context, std::string new_clock,
                       bool allow_mult) {
  const std::set<int> covered = context.empty() ? std::set<int>() : seen_.at(context);
  std::set<int> all = object.clock.empty() ? std::set<int>() : seen_.at(object.clock);
  std::erase_if(object.versions, [&](const RiakVersion& each) { return !allow_mult || covered.contains(each.event); });
  version.event = ++events_;
  all.insert(covered.begin(), covered.end());
  all.insert(version.event);
  object.versions.push_back(std::move(version));
  object.clock = std::move(new_clock);
  seen_[object.clock] = std::move(all);
}

}  // namespace backstitch::standin
