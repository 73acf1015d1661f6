// The index of a node, and what a test does with it.
#include <openssl/evp.h>

#include <algorithm>

#include "standins/riak/node.h"

namespace backstitch::standin {
namespace {

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// A key as the term of Erlang that a continuation is.
std::string continuation_of(const std::string& key) {
  std::string term = "\x83m";
  for (int shift = 24; shift >= 0; shift -= 8) term += static_cast<char>(key.size() >> shift & 0xff);
  return base64(term + key);
}

std::string parameter(const Headers& query, std::string_view name) {
  for (const auto& [key, text] : query)
    if (key == name) return text;
  return {};
}

bool fits(const RiakObject& object, const std::string& key, const std::vector<std::string>& what) {
  if (object.is_gone()) return false;
  if (what[0] == "$bucket") return true;
  if (what[0] == "$key") return what.size() == 3 && key >= what[1] && key <= what[2];
  for (const auto& [name, text] : object.versions.back().indexes)
    if (name == "x-riak-index-" + what[0] && what.size() > 1 && text >= what[1] && text <= what.back()) return true;
  return false;
}

}  // namespace

RiakAnswer RiakNode::index(const Headers& query, const Place& place, const std::vector<std::string>& what) {
  const std::string max = parameter(query, "max_results");
  std::size_t left = max.empty() ? place.type->objects.size() : std::stoul(max);
  std::string keys, last;
  for (const auto& [name, object] : place.type->objects) {
    if (left == 0 || name.first != place.bucket || what.empty() || !fits(object, name.second, what)) continue;
    keys += (keys.empty() ? "\"" : ",\"") + name.second + '"';
    last = name.second, --left;
  }
  const std::string more = left == 0 && !max.empty() ? ",\"continuation\":\"" + continuation_of(last) + '"' : "";
  return {200, {{"Content-Type", "application/json"}}, "{\"keys\":[" + keys + "]" + more + "}"};
}

void RiakNode::forget() {
  const std::lock_guard lock(mutex_);
  sessions_.objects.clear(), grants_.objects.clear();
}

std::function<void()> RiakNode::save() {
  const std::lock_guard lock(mutex_);
  return [this, sessions = sessions_.objects, grants = grants_.objects] {
    const std::lock_guard again(mutex_);
    sessions_.objects = sessions, grants_.objects = grants;
  };
}

void RiakNode::be_without_majority(bool without) {
  const std::lock_guard lock(mutex_);
  without_majority_ = without;
}

void RiakNode::answer_next(std::deque<int> statuses) {
  const std::lock_guard lock(mutex_);
  next_ = std::move(statuses);
}

void RiakNode::be_silent(bool silent) {
  const std::lock_guard lock(mutex_);
  silent_ = silent;
  changed_.notify_all();
}

int RiakNode::blind_writes() const {
  const std::lock_guard lock(mutex_);
  return blind_writes_;
}

std::vector<WireRequest> RiakNode::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace backstitch::standin
