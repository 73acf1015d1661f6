#include "stores/database/history/dump.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/process.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct FreeLine {
  void operator()(char* line) const { std::free(line); }
};

constexpr std::string_view complaint_begin = "pg_waldump: error: ";

}  // namespace

Result<Dumped> dump_wal(const std::string& folder, const std::string& first, const std::string& last, const std::string& version,
                        const std::function<bool(const WalRecord&)>& each) {
  const auto program = version.empty() ? postgres_program("pg_waldump") : postgres_program_of("pg_waldump", version);
  if (!program) return fail(program.error());
  Command command;
  command.argv = {*program, "-p", folder};
  for (const char* manager : {"Heap", "Heap2", "Transaction", "LogicalMessage", "Storage", "Standby"}) {
    command.argv.push_back("-r");
    command.argv.push_back(manager);
  }
  command.argv.push_back(first);
  command.argv.push_back(last);
  command.user = server_user();
  command.folder = "/";  // ours may be out of that user's reach
  command.env = {{"LC_ALL", "C"}, {"TZ", "UTC"}};
  command.die_with_parent = true;
  command.pipe_stdout = true;  // its complaints come the same way, behind the records before them
  const auto child = start(command);
  if (!child) return fail(child.error());

  Dumped dumped;
  {
    const std::unique_ptr<std::FILE, CloseFile> out(::fdopen(child->stdout_fd, "r"));
    std::unique_ptr<char, FreeLine> line;
    std::size_t room = 0;
    for (bool more = out != nullptr; more;) {
      char* buffer = line.release();
      const ssize_t length = ::getline(&buffer, &room, out.get());
      line.reset(buffer);
      if (length <= 0) break;
      std::string_view text(line.get(), static_cast<std::size_t>(length));
      if (text.ends_with('\n')) text.remove_suffix(1);
      if (text.starts_with(complaint_begin)) dumped.complaint = text.substr(complaint_begin.size());
      const WalRecord record = parse_record(text);
      if (record.place != 0) dumped.last_place = record.place;
      if (record.kind != WalRecord::Kind::other) more = each(record);
    }
  }
  stop_process(child->id, 5'000);  // it has ended, or meets the closed pipe
  return dumped;
}

}  // namespace backstitch::database
