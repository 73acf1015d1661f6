#include "stores/objects/files/files_objects.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/hash.h"
#include "stores/objects/names.h"

namespace backstitch::objects {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view first_words = "backstitch.object/1 sha256=";
constexpr std::size_t sha256_digits = 64;
constexpr std::size_t header_bytes_max = 128;

std::string header_of(const ObjectInfo& info) {
  return fmt::format("{}{} bytes={}\n", first_words, info.sha256, info.size_bytes);
}

/// The info that a file begins with, and where its content does.
Result<std::pair<ObjectInfo, std::size_t>> parse_header(const std::string& name, const std::string& path, std::string_view text) {
  ObjectInfo info{name, 0, {}};
  const std::size_t newline = text.substr(0, header_bytes_max).find('\n');
  const std::size_t size_at = first_words.size() + sha256_digits + std::string_view(" bytes=").size();
  if (newline != std::string_view::npos && newline > size_at && text.starts_with(first_words)) {
    info.sha256 = text.substr(first_words.size(), sha256_digits);
    std::from_chars(text.data() + size_at, text.data() + newline, info.size_bytes);
    if (text.substr(0, newline + 1) == header_of(info)) return std::pair(info, newline + 1);
  }
  return fail(Code::checksum_mismatch, "{} does not begin as an object does", path);
}

class FilesObjects : public Objects {
 public:
  explicit FilesObjects(std::string folder) : folder_(std::move(folder)) {}

  Result<ObjectInfo> put(const std::string& name, std::string_view content) override {
    BS_TRY(check_name(name));
    const ObjectInfo info{name, content.size(), sha256_hex(content)};
    BS_TRY(make_folders(fs::path(path(name)).parent_path().string()));
    BS_TRY(write_file_durably(path(name), header_of(info) + std::string(content)));
    return info;
  }

  // The content gets its name by a link, which fails when the name is taken; a rename would replace.
  Result<bool> put_new(const std::string& name, std::string_view content) override {
    BS_TRY(check_name(name));
    const ObjectInfo info{name, content.size(), sha256_hex(content)};
    const std::string folder = fs::path(path(name)).parent_path().string();
    BS_TRY(make_folders(folder));
    static std::atomic<unsigned> counter{0};
    const std::string nameless = fmt::format("{}/.new.{}.{}", folder, ::getpid(), ++counter);
    BS_TRY(write_file_durably(nameless, header_of(info) + std::string(content)));
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
    auto content = read_file(path(name));
    if (!content) return content;
    const auto header = parse_header(name, path(name), *content);
    if (!header) return fail(header.error());
    content->erase(0, header->second);
    if (content->size() != header->first.size_bytes || sha256_hex(*content) != header->first.sha256)
      return fail(Code::checksum_mismatch, "{} is not what was put", path(name));
    return content;
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
      auto header = parse_header(name, path(name), text);
      if (!header) return fail(header.error());
      infos.push_back(std::move(header->first));
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
