#include "stores/objects/files/files_objects.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/hash.h"
#include "stores/objects/header.h"
#include "stores/objects/names.h"

namespace backstitch::objects {
namespace {

namespace fs = std::filesystem;
class FilesObjects : public Objects {
 public:
  explicit FilesObjects(std::string folder) : folder_(std::move(folder)) {}

  Result<ObjectInfo> put(const std::string& name, std::string_view content) override {
    BS_TRY(check_name(name));
    const ObjectInfo info{name, content.size(), sha256_hex(content)};
    BS_TRY(make_folders(fs::path(path(name)).parent_path().string()));
    BS_TRY(write_file_durably(path(name), with_header(content)));
    return info;
  }

  // The content gets its name by a link, which fails when the name is taken; a rename would replace.
  Result<bool> put_new(const std::string& name, std::string_view content) override {
    BS_TRY(check_name(name));
    const std::string folder = fs::path(path(name)).parent_path().string();
    BS_TRY(make_folders(folder));
    static std::atomic<unsigned> counter{0};
    const std::string nameless = fmt::format("{}/.new.{}.{}", folder, ::getpid(), ++counter);
    BS_TRY(write_file_durably(nameless, with_header(content)));
    const int error = ::link(nameless.c_str(), path(name).c_str()) == 0 ? 0 : errno;
    ::unlink(nameless.c_str());
    if (error == EEXIST) return false;
    if (error != 0) return fail(Code::file_failed, "cannot make {}: {}", path(name), std::strerror(error));
    BS_TRY(sync_folder(folder));
    return true;
  }

  Result<std::string> get(const std::string& name) override {
    BS_TRY(check_name(name));
    std::error_code ignored;
    if (!fs::is_regular_file(path(name), ignored)) return fail(Code::object_not_found, "{}", path(name));
    auto object = read_file(path(name));
    if (!object) return object;
    return checked_content(path(name), std::move(*object));
  }

  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    const auto names = names_below(folder_, prefix, [](const std::string&) { return true; });
    if (!names) return fail(names.error());
    std::vector<ObjectInfo> infos;
    for (const std::string& name : *names) {
      std::ifstream file(path(name), std::ios::binary);
      if (!file) continue;  // removed since it was listed
      std::string text(header_bytes_max, '\0');
      file.read(text.data(), static_cast<std::streamsize>(text.size()));
      text.resize(static_cast<std::size_t>(file.gcount()));
      auto header = read_header(name, text);
      if (!header) return fail(Code::checksum_mismatch, "{} does not begin as an object does", path(name));
      infos.push_back(std::move(header->info));
    }
    return infos;
  }

  Status remove(const std::string& name) override {
    BS_TRY(check_name(name));
    std::error_code ignored;
    if (!fs::is_regular_file(path(name), ignored)) return {};
    if (::unlink(path(name).c_str()) != 0 && errno != ENOENT)
      return fail(Code::file_failed, "cannot remove {}: {}", path(name), std::strerror(errno));
    return sync_folder(fs::path(path(name)).parent_path().string());
  }

 private:
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  const std::string folder_;
};

}  // namespace

Result<std::unique_ptr<Objects>> open_files_objects(const std::string& folder) {
  BS_TRY(make_folders(folder));
  return std::make_unique<FilesObjects>(folder);
}

}  // namespace backstitch::objects
