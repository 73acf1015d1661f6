#include "standins/common/target.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Target::Target(std::string url, std::string endpoints_file)
    : endpoints_file_(std::move(endpoints_file)), url_(without_slash(std::move(url))) {
  refresh();
}

std::string Target::url() const {
  std::lock_guard lock(mutex_);
  return url_;
}

void Target::refresh() {
  if (endpoints_file_.empty()) return;
  const auto content = read_file(endpoints_file_);
  if (!content) return;
  const auto endpoints = parse_json(*content);
  if (!endpoints || !endpoints->is_object()) return;
  std::string url = without_slash(text_of(endpoints->get_object(), "api"));
  if (url.empty()) return;
  std::lock_guard lock(mutex_);
  url_ = std::move(url);
}

}  // namespace backstitch::standin
