// assets list|export. What changed is read from the queue: also with the platform and its database down.
#include <cstdio>

#include "api/open_stores.h"
#include "base/files.h"
#include "base/time.h"
#include "cli/offline.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/assets/asset_changes.h"

namespace backstitch::cli {
namespace {

Result<Answer> assets_list(const Invocation& invocation) {
  return fetch_list(invocation,
                    with_query("/assets", {{"account", invocation.option("--account")},
                                           {"state", invocation.option("--state")},
                                           {"cursor", invocation.option("--cursor")},
                                           {"limit", limit_text(invocation)}}),
                    "assets.list/1",
                    {{"ASSET", "id"},
                     {"REFERENCE", "assetRef"},
                     {"ACCOUNT", "accountId"},
                     {"PRODUCT", "product"},
                     {"STATE", "state"},
                     {"VALUES", "values"},
                     {"CHANGED", "changedAt"}});
}

struct Changes {
  std::string text;
  bool live = true;
};

Result<Changes> changes_of_folder(const Invocation& invocation, const Error& because) {
  const Time now = wall_clock();
  const auto from = recovery::asset_time(invocation.option("--from"), now),
             to = recovery::asset_time(invocation.option("--to"), now);
  if (!from) return fail(from.error());
  if (!to) return fail(to.error());
  const auto folder = OfflineFolder::open(invocation, because);  // its lock: no platform may start while we read
  if (!folder) return fail(folder.error());
  const auto safe = open_safe(folder->config());
  if (!safe) return fail(safe.error());
  const auto queue = open_queue(folder->config(), **safe);
  if (!queue) return fail(queue.error());
  const auto changes = recovery::read_asset_changes(**queue, {.from = *from, .to = *to, .offsets = {}, .now = wall_clock()});
  if (!changes) return fail(changes.error());
  auto text = recovery::asset_changes_text(*changes, invocation.option("--format"));
  if (!text) return fail(std::move(text.error()));
  return Changes{std::move(*text), false};
}

Result<Changes> find_changes(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client)
    return may_go_offline(invocation, client.error()) ? changes_of_folder(invocation, client.error())
                                                      : fail(std::move(client.error()));
  auto text = client->get_text(with_query(
      "/queues/order_orderitems/asset-changes",
      {{"from", invocation.option("--from")}, {"to", invocation.option("--to")}, {"format", invocation.option("--format")}}));
  if (text) return Changes{std::move(*text), true};
  return may_go_offline(invocation, text.error()) ? changes_of_folder(invocation, text.error()) : fail(std::move(text.error()));
}

/// Gaps stand in front of everything that an order could have named, in both formats.
bool has_gaps(const std::string& text) {
  const auto list = text.starts_with('{') ? text.find("\"gaps\":[{") : text.find("\r\ngap,");
  const auto items = text.starts_with('{') ? text.find("\"items\":[") : text.find("\r\nchange,");
  return list != std::string::npos && list < items;
}

Status write_out(const std::string& text, const std::string& path) {
  if (!path.empty()) return write_file_durably(path, text);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? Status() : fail(Code::file_failed, "the export could not be written whole");
}

Result<Answer> assets_export(const Invocation& invocation) {
  const std::string path = invocation.option("--output"), format = invocation.option("--format", "json");
  if (format != "json" && format != "csv") return fail(Code::usage, "--format {} is neither json nor csv", format);
  if (invocation.json && format == "csv" && path.empty())
    return fail(Code::usage, "with --json the CSV goes to a file: --output FILE");
  const auto changes = find_changes(invocation);
  if (!changes) return fail(changes.error());
  Answer answer{.schema = "assets.export/1"};
  if (!changes->live) answer.notices.emplace_back("the platform is down: read from the data folder");
  if (has_gaps(changes->text)) {
    answer.exit_status = info(Code::evidence_gap).exit_status;
    answer.notices.emplace_back("the evidence is incomplete: the export names the gaps");
  }
  if (invocation.json && path.empty()) {
    answer.data = changes->text;
    answer.data.pop_back();  // its line feed
    return answer;
  }
  BS_TRY(write_out(changes->text, path));
  answer.streamed = path.empty();
  answer.data = fmt::format("{{\"bytes\":{}}}", changes->text.size());
  answer.text = fmt::format("{} bytes in {}\n", changes->text.size(), path);
  return answer;
}

}  // namespace

std::vector<Verb> asset_verbs() {
  return {
      {"assets",
       "list",
       "assets as orders left them",
       {},
       {{"--account", "ACCOUNT", "of this account"},
        {"--state", "STATE", "Active or Ended"},
        {"--cursor", "CURSOR", "where the last page ended"}},
       {"assets list --account A-1001", "assets list --state Ended --json", "assets list --limit 20"},
       assets_list},
      {"assets",
       "export",
       "changes of assets with what they were before; names what it cannot know, and exits 1 then",
       {},
       {{"--from", "TIME", "from then on: 2026-11-23T05:21:00Z, or 30m for that long ago"},
        {"--to", "TIME", "up to then"},
        {"--format", "FORMAT", "json (when not given) or csv"},
        {"--output", "FILE", "in place of standard output"}},
       {"assets export --from 30m", "assets export --from 2026-11-23T05:21:00Z --to 2026-11-23T05:41:00Z --format csv",
        "assets export --from 2h --output changes.json"},
       assets_export},
  };
}

}  // namespace backstitch::cli
