#include "demo/salesforce.h"

#include "base/files.h"
#include "base/process.h"

namespace backstitch::demo {
namespace {

constexpr const char *user = "sync@example.com", *app = "backstitch";
constexpr std::int64_t key_ms_max = 60'000;
// Rows are locked as in every demo; beyond that requests are refused for a moment, and a session ends every so many of them.
constexpr const char *limit_rate = "0.01", *away_rate = "0.01", *token_requests = "200";

Status openssl(std::vector<std::string> words) {
  words.insert(words.begin(), "openssl");
  const auto ended = run({.argv = std::move(words)}, key_ms_max);
  if (!ended) return fail(ended.error());
  if (ended->exit_status != 0) return fail(Code::process_failed, "openssl makes no key for the CRM's app: {}", ended->err);
  return {};
}

}  // namespace

Result<Salesforce> Salesforce::make(const std::string& folder) {
  BS_TRY(make_folders(folder));
  const std::string key = folder + "/app.key", public_key = folder + "/app.pub";
  if (!file_exists(key)) BS_TRY(openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key}));
  if (!file_exists(public_key)) BS_TRY(openssl({"pkey", "-in", key, "-pubout", "-out", public_key}));
  return Salesforce(folder);
}

std::string Salesforce::configuration(int org_port) const {
  return fmt::format(
      "crm: {{adapter: salesforce, url: \"http://127.0.0.1:{}\", client_id: {}, user: {}, key: \"file:{}/app.key\"}}\n", org_port,
      app, user, folder_);
}

std::vector<std::string> Salesforce::org_arguments() const {
  return {"--user",       user,       "--client-id", app,       "--public-key",     folder_ + "/app.pub",
          "--limit-rate", limit_rate, "--away-rate", away_rate, "--token-requests", token_requests};
}

}  // namespace backstitch::demo
