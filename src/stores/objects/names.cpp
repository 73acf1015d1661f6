#include "stores/objects/names.h"

#include <algorithm>
#include <filesystem>

namespace backstitch::objects {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t part_bytes_max = 200;  // leaves room in a file name for what an adapter adds to it

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-@:=+,").find(c) != std::string_view::npos;
}

bool part_is_good(std::string_view part) {
  return !part.empty() && part.size() <= part_bytes_max && part.front() != '.' && std::all_of(part.begin(), part.end(), allowed);
}

bool gone(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
}

struct Walk {
  const std::string& root;
  const std::string& prefix;
  const std::function<bool(const std::string&)>& enter;
  std::vector<std::string> names;

  /// `inside` is empty or ends with a slash.
  Status visit(const std::string& inside) {
    std::error_code error;
    for (fs::directory_iterator entry(root + "/" + inside, error), end; !error && entry != end; entry.increment(error)) {
      const std::string name = inside + entry->path().filename().string();
      if (entry->path().filename().string().front() == '.' || !enter(name)) continue;
      std::error_code ignored;  // a file that went away meanwhile is no object
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
        if ((name + "/").starts_with(prefix) || prefix.starts_with(name + "/")) BS_TRY(visit(name + "/"));
      } else if (name.starts_with(prefix) && entry->is_regular_file(ignored)) {
        names.push_back(name);
      }
    }
    if (error && !gone(error)) return fail(Code::file_failed, "cannot list {}/{}: {}", root, inside, error.message());
    return {};
  }
};

}  // namespace

Status check_name(const std::string& name) {
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t slash = std::min(name.find('/', at), name.size());
    if (!part_is_good(std::string_view(name).substr(at, slash - at)))
      return fail(Code::usage, "\"{}\" is no name of an object", name);
    at = slash + 1;
  }
  return {};
}

Result<std::vector<std::string>> names_below(const std::string& folder, const std::string& prefix,
                                             const std::function<bool(const std::string& name)>& enter) {
  Walk walk{folder, prefix, enter, {}};
  BS_TRY(walk.visit(""));
  std::sort(walk.names.begin(), walk.names.end());
  return std::move(walk.names);
}

}  // namespace backstitch::objects
