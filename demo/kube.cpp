#include "demo/kube.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"

namespace backstitch::demo {
namespace {

constexpr const char *secret = "worker-link", *image = "backstitch:demo";
// Not the loopback of everything else: workers of a cluster are not let in without a token.
constexpr const char* link_address = "127.0.0.2";
constexpr int already_there = 409;

}  // namespace

Result<Kube> Kube::start(const std::string& server, const std::string& folder, const std::string& own) {
  Kube kube(server, folder, own);
  BS_TRY(make_folders(own));
  BS_TRY(kube.make_link());
  BS_TRY(kube.start_kubelet());
  return kube;
}

/// The token that workers show, for both sides: a file here, a Secret there.
Status Kube::make_link() const {
  const std::string file = own_ + "/link";
  if (!file_exists(file)) BS_TRY(write_file_durably(file, random_hex(32)));
  auto token = read_file(file);
  auto admin = read_file(folder_ + "/token");
  if (!token) return fail(std::move(token.error()));
  if (!admin) return fail(std::move(admin.error()));
  while (admin->ends_with('\n')) admin->pop_back();
  HttpCall call{.method = "POST", .url = server_ + "/api/v1/namespaces/backstitch/secrets"};
  call.ca_file = folder_ + "/ca.crt";
  call.headers = {{"Authorization", "Bearer " + *admin}, {"Content-Type", "application/json"}};
  call.body = write_json(boost::json::object{{"metadata", boost::json::object{{"name", secret}}},
                                             {"stringData", boost::json::object{{"token", *token}}}});
  const HttpAnswer answer = HttpClient().call(call);
  if (answer.ok() || answer.status == already_there) return {};
  return fail(Code::unreachable, "Kubernetes takes no Secret {}: {} {}{}", secret, answer.status, answer.error, answer.body);
}

Status Kube::start_kubelet() {
  kubelet_ = std::make_unique<StandIn>(
      "standin-kubelet", 0,
      std::vector<std::string>{"--data", own_ + "/pods", "--server", server_, "--ca-file", folder_ + "/ca.crt", "--token-file",
                               folder_ + "/token", "--program", program_path("backstitch")},
      own_ + "/kubelet.log");
  return kubelet_->start();
}

std::string Kube::listen() const {
  return fmt::format("listen: {{workers_address: {}, workers_token: \"file:{}/link\"}}\n", link_address, own_);
}

std::string Kube::workers_keys(int workers_port) const {
  return fmt::format(
      "adapter: kubernetes, server: \"{}\", token: \"file:{}/worker-manager.token\", ca_file: \"{}/ca.crt\", image: \"{}\", "
      "platform_url: \"http://{}:{}\", link_secret: {}, ",
      server_, folder_, folder_, image, link_address, workers_port, secret);
}

std::vector<ProcessId> Kube::workers() const {
  std::vector<ProcessId> found;
  for (const std::string& pod : list_folder(own_ + "/pods"))
    if (const auto id = read_pid_file(own_ + "/pods/" + pod + "/pid")) found.push_back(*id);
  return found;
}

void Kube::stop() {
  if (kubelet_) kubelet_->stop();
}

}  // namespace backstitch::demo
