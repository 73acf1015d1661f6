#include "stores/safe/files/object_files.h"

#include <filesystem>

#include "base/files.h"
#include "stores/objects/names.h"
#include "stores/safe/files/segment.h"

namespace backstitch::safe::files {
namespace {

bool is_reserved(const std::string& name) {
  const std::string first = name.substr(0, name.find('/'));
  return first == "epoch" || first == "incoming" || first == "completer" || first == "turns";
}

Status check(const std::string& name) {
  BS_TRY(objects::check_name(name));
  if (is_reserved(name)) return fail(Code::usage, "\"{}\" is the safe's own and no object", name);
  return {};
}

}  // namespace

Status ObjectFiles::put(const std::string& name, std::string_view content) {
  BS_TRY(check(name));
  const std::filesystem::path path = folder_ + "/" + name;
  Status done = make_folders(path.parent_path().string());
  if (done) done = write_file_durably(path.string(), content);
  if (!done) return fail(safe_error(done.error()));
  return {};
}

Result<std::string> ObjectFiles::get(const std::string& name) const {
  BS_TRY(check(name));
  const std::string path = folder_ + "/" + name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return fail(Code::object_not_found, "{}", path);
  auto content = read_file(path);
  if (!content) return fail(safe_error(content.error()));
  return content;
}

Result<std::vector<std::string>> ObjectFiles::list(const std::string& prefix) const {
  auto names = objects::names_below(folder_, prefix, [](const std::string& name) { return !is_reserved(name); });
  if (!names) return fail(safe_error(names.error()));
  return names;
}

}  // namespace backstitch::safe::files
