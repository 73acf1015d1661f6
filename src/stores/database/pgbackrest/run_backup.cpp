#include "stores/database/pgbackrest/run_backup.h"

#include <future>

#include "base/time.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t timeout_ms = 24 * 3'600'000, say_every_ms = 5'000;

std::function<void()> seconds_of(const char* what, const BackupProvider::Say& say) {
  return [what, &say, begun_ms = monotonic_ms()] {
    if (say) say(fmt::format("{} has been running for {} s", what, (monotonic_ms() - begun_ms) / 1000));
  };
}

}  // namespace

Result<std::string> run_telling(const PgBackRest& tool, const std::vector<std::string>& arguments,
                                const std::function<void()>& tell) {
  auto running = std::async(std::launch::async, [&] { return tool.run(arguments, timeout_ms); });
  while (running.wait_for(std::chrono::milliseconds(say_every_ms)) != std::future_status::ready) tell();
  return running.get();
}

Result<BackupInfo> run_backup(const PgBackRest& tool, const Standing& standing, const BackupProvider::Say& say) {
  std::vector<std::string> arguments{"--type=incr", "--start-fast"};
  if (!standing.folder.empty())
    arguments.insert(arguments.end(),
                     {"--pg1-path=" + standing.folder, "--pg1-socket-path=" + standing.sockets, "--pg1-port=" + standing.port});
  arguments.emplace_back("backup");
  if (say) say(fmt::format("pgbackrest backs up stanza {}", tool.name()));
  const auto done = run_telling(tool, arguments, seconds_of("pgbackrest backup", say));
  if (!done && done.error().code != Code::process_failed) return fail(done.error());
  if (!done)
    return fail(Code::backup_failed,
                "{}; it must reach the database from this machine as the role pg1-user, as whoever takes its backups does",
                done.error().detail);
  auto stanza = tool.stanza();
  if (!stanza) return fail(std::move(stanza.error()));
  if (stanza->backups.empty()) return fail(Code::backup_failed, "stanza {} holds no whole backup behind that", tool.name());
  return std::move(stanza->backups.back());
}

Status verify_repository(const PgBackRest& tool, const BackupProvider::Say& say) {
  if (say) say(fmt::format("pgbackrest verifies every file of stanza {}", tool.name()));
  const auto words = run_telling(tool, {"verify", "--output=text"}, seconds_of("pgbackrest verify", say));
  if (!words)
    return fail(words.error().code == Code::process_failed ? Code::backup_failed : words.error().code, "{}",
                words.error().detail);
  // It ends well all the same.
  if (words->find("status: error") != std::string::npos) return fail(Code::backup_differs, "pgbackrest verify: {}", *words);
  return {};
}

}  // namespace backstitch::database
