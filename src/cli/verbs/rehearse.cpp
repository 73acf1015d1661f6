// rehearse: a scratch world of its own is broken and must recover alone; judged by ledgers that lie outside. It is the demo, the
// regression test and the monthly drill, by one seed. The world is built by a program beside ours, which knows this one by its
// command line only.
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "base/process.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

constexpr const char* passed_on[] = {"--orders", "--seed", "--corruption", "--policy", "--html", "--kills", "--catalog"};

/// The folder that holds catalogs/ and demo/: ours, or one above the program (a build folder lies in it).
std::string root_folder(const std::filesystem::path& program) {
  if (file_exists("catalogs") && file_exists("demo/corruptions")) return ".";
  for (std::filesystem::path folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
    if (file_exists((folder / "catalogs").string()) && file_exists((folder / "demo/corruptions").string()))
      return folder.string();
  return {};
}

Result<Answer> rehearse(const Invocation& invocation) {
  const std::filesystem::path own = own_executable(), world = own.parent_path() / "backstitch-demo";
  const std::string root = root_folder(own);
  if (!file_exists(world.string()) || root.empty())
    return fail(Code::environment, "a rehearsal needs {} and the folders catalogs and demo/corruptions", world.string());
  std::vector<std::string> words = {world.string(), "--scripts", root + "/scripts", "--corruptions", root + "/demo/corruptions"};
  if (!invocation.has("--catalog")) words.insert(words.end(), {"--catalog", root + "/catalogs/quantumbit"});
  for (const char* option : passed_on)
    if (invocation.has(option)) words.insert(words.end(), {option, invocation.option(option)});
  if (invocation.has("--keep")) words.emplace_back("--keep");
  if (invocation.json) words.emplace_back("--json");
  if (invocation.dry_run) {
    std::string text = "would run";
    for (const std::string& word : words) text += " " + word;
    return Answer{.schema = "dry-run/1", .text = text + "\n"};
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());  // its words and its exit status are the answer
  return fail(Code::process_failed, "{} cannot be run", world.string());
}

}  // namespace

std::vector<Verb> rehearse_verbs() {
  return {
      {"rehearse",
       "",
       "break a scratch world and let it recover alone: the monthly drill",
       {},
       {{"--corruption", "KIND", "what happens to the database (a file of demo/corruptions)"},
        {"--seed", "N", "of orders, faults, kills and the corruption"},
        {"--orders", "N", "how many"},
        {"--policy", "POLICY", "settle or fatally-fail"},
        {"--kills", "N", "processes killed with -9 on the way"},
        {"--catalog", "DIR", "another catalog"},
        {"--html", "FILE", "where the page of the recovery goes"},
        {"--keep", "", "leave the folder with ledgers, logs and data"}},
       {"rehearse", "rehearse --corruption deleted-rows --seed 7", "rehearse --orders 200 --kills 0 --json"},
       rehearse},
  };
}

}  // namespace backstitch::cli
