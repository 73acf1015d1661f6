#include "stores/database/pgbackrest/brought_wal.h"

#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "base/time.h"
#include "stores/database/history/archive.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

constexpr const char* prefix = "wal-";
constexpr std::int64_t segment_bytes = 1 << 24, say_every_ms = 5'000, restore_timeout_ms = 3'600'000;
/// Before the place that was asked for: a transaction that is committed behind it may have begun there.
constexpr std::uint64_t segments_before = 3;

Status as_missing(const Error& error) {
  return fail(error.code == Code::process_failed ? Code::wal_missing : error.code, "{}", error.detail);
}

/// "wal-PID-STARTED-XXXXXX"
std::string begin_of_name(ProcessId owner) { return fmt::format("{}{}-{}-", prefix, owner.pid, owner.started); }

void remove_left_behind(const std::string& pg) {
  for (const std::string& name : list_folder(pg)) {
    if (!name.starts_with(prefix)) continue;
    const auto owner = identify(std::atoi(name.c_str() + std::string_view(prefix).size()));
    if (!owner || !name.starts_with(begin_of_name(*owner))) static_cast<void>(remove_tree(pg + "/" + name));
  }
}

class Bringing {
 public:
  Bringing(const PgBackRest& tool, std::string folder, const BroughtWal::Asked& asked, const BackupProvider::Say& say)
      : tool_(tool), folder_(std::move(folder)), asked_(asked), say_(say), cluster_(asked.cluster) {}

  Status all() {
    const auto last = WalArchive::begin_of_file(asked_.last);
    if (!last) return fail(Code::wal_missing, "{} is no segment of WAL", asked_.last);
    const std::uint32_t timeline = last->timeline;
    const std::uint64_t number_of_last = WalArchive::segment_of(last->place);
    BS_TRY(check_room(number_of_last + 1 - std::min(first_wanted(), number_of_last)));
    if (timeline > 1) BS_TRY(must(fmt::format("{:08X}.history", timeline), "which says where that timeline began"));
    BS_TRY(must(asked_.last, "the last that was archived"));
    const auto line = WalArchive::open(folder_, timeline);  // knows the names of all before
    if (!line) return fail(line.error());
    if (!line->passes(asked_.from))
      return fail(Code::target_out_of_range, "{} does not lie on the line of history that ends in segment {}", asked_.from.text(),
                  asked_.last);
    std::uint64_t at = first_wanted();
    for (; at < line->last(); ++at) {
      BS_TRY(must(line->name_of(at), fmt::format("and the WAL goes on to {}", asked_.last)));
      tell(at + 1 - first_wanted(), line->last() + 1 - first_wanted());
    }
    return before(*line);
  }

 private:
  std::uint64_t first_wanted() const { return std::max<std::uint64_t>(WalArchive::segment_of(asked_.from.place), 1); }

  Status check_room(std::uint64_t segments) const {
    const std::int64_t there = static_cast<std::int64_t>(list_folder(folder_).size()),
                       needed = std::max<std::int64_t>(static_cast<std::int64_t>(segments + segments_before) - there, 0),
                       free = free_bytes(folder_);
    if (free / segment_bytes >= needed) return {};
    return fail(Code::disk_full,
                "the WAL from {} to segment {} takes {} MiB, {} has {} MiB: make room, or name the moment to go back to with "
                "--to, and only what lies behind the backup before it is read",
                asked_.from.text(), asked_.last, needed * (segment_bytes >> 20), folder_, free >> 20);
  }

  /// What lies further back is a help where it is there.
  Status before(const WalArchive& line) {
    for (std::uint64_t back = 1; back <= segments_before && first_wanted() > back; ++back) {
      const auto there = get(line.name_of(first_wanted() - back));
      if (!there) return fail(there.error());
      if (!*there) break;
    }
    return {};
  }

  Status must(const std::string& file, const std::string& why) {
    const auto got = get(file);
    if (!got) return fail(got.error());
    if (*got) return {};
    return fail(Code::wal_missing, "{} is not in the archive of stanza {}, {}", file, tool_.name(), why);
  }

  Result<bool> get(const std::string& file) {
    const std::string path = folder_ + "/" + file;
    if (file_exists(path)) return true;
    auto got = tool_.get(file, folder_, cluster_);
    if (!got && got.error().detail.find("pg_control") != std::string::npos && cluster_.empty()) {
      BS_TRY(make_cluster());
      got = tool_.get(file, folder_, cluster_);
    }
    if (!got) return fail(as_missing(got.error()).error());
    return got;
  }

  /// The tool tells clusters apart by pg_control, and there is none where it is configured for: that lies on another machine. A
  /// backup has one; the rows of our database, which are most of it, are left out.
  Status make_cluster() {
    const std::string cluster = folder_ + "/cluster";
    BS_TRY(make_server_folder(cluster));
    if (say_) say_(fmt::format("backup {} is asked for pg_control: there is no cluster of the stanza here", asked_.backup));
    const auto restored = tool_.run({"--pg1-path=" + cluster, "--set=" + asked_.backup, "--type=none",
                                     "--tablespace-map-all=" + cluster + "-rest", "--db-exclude=" + asked_.database, "restore"},
                                    restore_timeout_ms);
    if (!restored) return as_missing(restored.error());
    cluster_ = cluster;
    return {};
  }

  void tell(std::uint64_t done, std::uint64_t all) {
    if (!say_ || monotonic_ms() - told_ms_ < say_every_ms) return;
    told_ms_ = monotonic_ms();
    say_(fmt::format("{} of {} segments of WAL are here", done, all));
  }

  const PgBackRest& tool_;
  const std::string folder_;
  const BroughtWal::Asked& asked_;
  const BackupProvider::Say& say_;
  std::string cluster_;
  std::int64_t told_ms_ = monotonic_ms();
};

}  // namespace

Result<std::shared_ptr<BroughtWal>> BroughtWal::make(const std::string& pg) {
  remove_left_behind(pg);
  std::string folder = pg + "/" + begin_of_name(self()) + "XXXXXX";
  if (!::mkdtemp(folder.data())) return fail(Code::file_failed, "cannot make {}", folder);
  std::shared_ptr<BroughtWal> made(new BroughtWal(folder));
  BS_TRY(make_server_folder(folder));
  return made;
}

BroughtWal::~BroughtWal() { static_cast<void>(remove_tree(folder_)); }

Status BroughtWal::bring(const PgBackRest& tool, const Asked& asked, const BackupProvider::Say& say) {
  return Bringing(tool, folder_, asked, say).all();
}

}  // namespace backstitch::database
