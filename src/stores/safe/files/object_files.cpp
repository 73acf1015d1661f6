#include "stores/safe/files/object_files.h"

#include <filesystem>

#include "base/files.h"
#include "stores/objects/names.h"
#include "stores/safe/files/segment.h"
#include "stores/safe/names.h"

namespace backstitch::safe::files {

Status ObjectFiles::put(const std::string& name, std::string_view content) {
  BS_TRY(check_object_name(name));
  const std::filesystem::path path = folder_ + "/" + name;
  Status done = make_folders(path.parent_path().string());
  if (done) done = write_file_durably(path.string(), content);
  if (!done) return fail(safe_error(done.error()));
  return {};
}

Result<bool> ObjectFiles::put_new(const std::string& name, std::string_view content) {
  BS_TRY(check_object_name(name));
  const std::filesystem::path path = folder_ + "/" + name;
  if (const Status made = make_folders(path.parent_path().string()); !made) return fail(safe_error(made.error()));
  auto written = write_new_file_durably(path.string(), content);
  if (!written) return fail(safe_error(written.error()));
  return written;
}

Result<std::string> ObjectFiles::get(const std::string& name) const {
  BS_TRY(check_object_name(name));
  const std::string path = folder_ + "/" + name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return fail(Code::object_not_found, "{}", path);
  auto content = read_file(path);
  if (!content) return fail(safe_error(content.error()));
  return content;
}

Result<std::vector<std::string>> ObjectFiles::list(const std::string& prefix) const {
  auto names = objects::names_below(folder_, prefix, [](const std::string& name) { return !is_own_name(name); });
  if (!names) return fail(safe_error(names.error()));
  return names;
}

}  // namespace backstitch::safe::files
