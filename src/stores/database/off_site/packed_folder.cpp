#include "stores/database/off_site/packed_folder.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <utility>

#include "base/files.h"
#include "base/process.h"
#include "base/time.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

constexpr std::size_t piece_bytes = 32u << 20;
constexpr int level = 3;
constexpr std::int64_t end_wait_ms = 60'000;

/// tar with one end of a pipe in our hand. Killed with the object when it has not ended.
class Tar {
 public:
  static Result<Tar> start(std::vector<std::string> words, const std::string& errors, bool reads) {
    words.insert(words.begin(), "tar");
    Command command{.argv = std::move(words), .user = server_user(), .stderr_path = errors};
    command.env = {{"LC_ALL", "C"}};
    command.die_with_parent = true;
    (reads ? command.pipe_stdin : command.pipe_stdout) = true;
    auto child = backstitch::start(command);
    if (!child) return fail(std::move(child.error()));
    return Tar(*child, errors);
  }
  Tar(Tar&& other) noexcept : child_(std::exchange(other.child_, {})), errors_(std::move(other.errors_)) {}
  Tar& operator=(Tar&&) = delete;
  ~Tar() {
    close_pipe();
    if (child_.id.pid > 0) stop_process(child_.id, 0);
    if (!errors_.empty()) ::unlink(errors_.c_str());
  }

  /// Up to `bytes`; fewer at the end.
  Result<std::string> read(std::size_t bytes) {
    std::string out(bytes, '\0');
    std::size_t got = 0;
    while (got < bytes) {
      const ssize_t n = ::read(child_.stdout_fd, out.data() + got, bytes - got);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(Code::backup_failed, "tar: errno {}", errno);
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    out.resize(got);
    return out;
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(child_.stdin_fd, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;  // it has ended; its words say why
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// Its own words when it failed; empty when all went well.
  std::string end() {
    close_pipe();
    const std::int64_t until_ms = monotonic_ms() + end_wait_ms;
    int status = reap(child_.id.pid);
    for (; status < 0 && monotonic_ms() < until_ms; status = reap(child_.id.pid)) ::poll(nullptr, 0, 5);
    if (status >= 0) child_.id = {};
    if (status == 0) return {};
    return fmt::format("tar ended with status {}: {}", status, read_file(errors_).value_or(""));
  }

 private:
  Tar(Child child, std::string errors) : child_(child), errors_(std::move(errors)) {}
  void close_pipe() {
    for (int* fd : {&child_.stdin_fd, &child_.stdout_fd})
      if (const int open = std::exchange(*fd, -1); open >= 0) ::close(open);
  }
  Child child_;
  std::string errors_;
};

std::string errors_of(const std::string& folder) { return folder + ".tar.err"; }

}  // namespace

std::string compressed(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), level));
  return out;
}

Result<std::string> decompressed(std::string_view content) {
  const unsigned long long bytes = ZSTD_getFrameContentSize(content.data(), content.size());
  if (bytes > piece_bytes) return fail(Code::restore_failed, "{} bytes are no piece of a backup of ours", content.size());
  std::string out(bytes, '\0');
  const std::size_t got = ZSTD_decompress(out.data(), out.size(), content.data(), content.size());
  if (ZSTD_isError(got)) return fail(Code::restore_failed, "a piece cannot be unpacked: {}", ZSTD_getErrorName(got));
  return out;
}

Result<int> pack_folder(const std::string& folder, const std::function<Status(int, const std::string&)>& take) {
  auto tar = Tar::start({"--create", "--file=-", "--directory=" + folder, "--sort=name", "."}, errors_of(folder), false);
  if (!tar) return fail(std::move(tar.error()));
  int number = 0;
  for (;; ++number) {
    const auto piece = tar->read(piece_bytes);
    if (!piece) return fail(piece.error());
    if (piece->empty()) break;
    BS_TRY(take(number, compressed(*piece)));
  }
  if (const std::string words = tar->end(); !words.empty()) return fail(Code::backup_failed, "{}", words);
  return number;
}

Status unpack_folder(const std::string& folder, int pieces, const std::function<Result<std::string>(int)>& give) {
  ::signal(SIGPIPE, SIG_IGN);  // one that has ended is told by its words
  auto tar = Tar::start({"--extract", "--file=-", "--directory=" + folder, "--preserve-permissions"}, errors_of(folder), true);
  if (!tar) return fail(std::move(tar.error()));
  bool takes = true;
  for (int number = 0; number < pieces && takes; ++number) {
    const auto packed = give(number);
    if (!packed) return fail(packed.error());
    const auto piece = decompressed(*packed);
    if (!piece) return fail(piece.error());
    takes = tar->write(*piece);
  }
  const std::string words = tar->end();
  if (words.empty() && takes) return {};
  const bool full = words.find("No space left on device") != std::string::npos;
  return fail(full ? Code::disk_full : Code::restore_failed, "{}", words.empty() ? "tar ended early" : words);
}

}  // namespace backstitch::database
