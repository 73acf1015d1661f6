// Objects that are wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <algorithm>
#include <set>

#include "stores/objects/names.h"
#include "stores/objects/strict_fake.h"

namespace backstitch::objects {

enum class Wrong {
  replaces_what_is_new,   // put_new overwrites
  keeps_the_first,        // a second put does nothing
  finds_what_is_missing,  // a missing object is empty
  removes_nothing,        // an object outlives its removal
  misses_what_is_gone,    // removing a missing object is an error
  ignores_the_prefix,     // everything is listed
  lists_in_no_order,      // backwards
  cuts_at_nul,            // bytes get lost
  takes_any_name,         // "../x" is made a name
  tells_no_checksum,      // sha256 is empty
};
inline std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::tells_no_checksum); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

class WrongFake : public StrictFake {
 public:
  explicit WrongFake(std::set<Wrong> wrongs) : wrongs_(std::move(wrongs)) {}

  Result<ObjectInfo> put(const std::string& name, std::string_view content) override {
    if (is(Wrong::keeps_the_first) && StrictFake::get(name)) return ObjectInfo{name, 0, {}};
    auto info = StrictFake::put(cleaned(name), is(Wrong::cuts_at_nul) ? content.substr(0, content.find('\0')) : content);
    if (info && is(Wrong::tells_no_checksum)) info->sha256.clear();
    return info;
  }
  Result<bool> put_new(const std::string& name, std::string_view content) override {
    if (!is(Wrong::replaces_what_is_new)) return StrictFake::put_new(cleaned(name), content);
    BS_TRY(StrictFake::put(name, content));
    return true;
  }
  Result<std::string> get(const std::string& name) override {
    auto content = StrictFake::get(cleaned(name));
    return !content && is(Wrong::finds_what_is_missing) ? std::string() : content;
  }
  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    auto infos = StrictFake::list(is(Wrong::ignores_the_prefix) ? "" : prefix);
    if (infos && is(Wrong::lists_in_no_order)) std::reverse(infos->begin(), infos->end());
    return infos;
  }
  Status remove(const std::string& name) override {
    if (is(Wrong::removes_nothing)) return check_name(name);
    if (is(Wrong::misses_what_is_gone) && !StrictFake::get(name)) return fail(Code::object_not_found, "{}", name);
    return StrictFake::remove(cleaned(name));
  }

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }
  std::string cleaned(const std::string& name) const {
    return is(Wrong::takes_any_name) && !check_name(name) ? std::string("cleaned") : name;
  }
  const std::set<Wrong> wrongs_;
};

}  // namespace backstitch::objects
