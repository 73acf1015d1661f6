// For tests only: a bucket in memory that speaks as much S3 as we do, and looks at conditions as a test says. It checks no
// signature.
#pragma once
#include <functional>
#include <map>
#include <mutex>

#include "base/hash.h"
#include "base/net/http_server.h"
#include "stores/objects/s3/s3_settings.h"

namespace backstitch::objects {

class FakeS3 {
 public:
  struct Habits {
    bool looks_at_new = true, looks_at_etags = true;
    bool wants_quotes = true, wants_bare = false;
    int status_of_conditions = 0;  // of every put on condition, such as 501
    bool keeps_versions = false;
  };
  explicit FakeS3(Habits habits) : habits_(habits) {
    server_ = HttpServer::start({.threads = 8}, [this](const HttpRequest& request) { return answer(request); }).value();
  }
  S3Settings settings() const {
    S3Settings settings;
    settings.endpoint = fmt::format("http://127.0.0.1:{}", server_->port());
    settings.bucket = "fake", settings.access_key = "a", settings.secret_key = "s";
    settings.attempt_ms = 2'000, settings.timeout_ms = 1'500;
    return settings;
  }
  /// The next puts to this key: done or not, and answered with this status.
  void fail_puts(const std::string& key, int times, int status, bool done) {
    const std::lock_guard lock(mutex_);
    failing_key_ = "/fake/" + key, failing_times_ = times, failing_status_ = status, failing_done_ = done;
  }
  std::string content(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return contents_["/fake/" + key];
  }
  int puts() const { return puts_; }

 private:
  static HttpResponse said(int status, const std::string& code) {
    return {status, "<Error><Code>" + code + "</Code><Message>as the test wanted</Message></Error>", "application/xml", {}};
  }
  static std::string etag(const std::string& content) { return sha256_hex(content).substr(0, 32); }

  HttpResponse answer(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.path == "/fake") return bucket(request);
    const auto found = contents_.find(request.path);
    if (request.method == "PUT") return put(request);
    if (found == contents_.end()) return said(404, "NoSuchKey");
    if (request.method == "DELETE") {
      contents_.erase(found);
      return {204, {}, {}, {}};
    }
    return {200, found->second, "application/octet-stream", {{"ETag", "\"" + etag(found->second) + "\""}}};
  }

  HttpResponse bucket(const HttpRequest& request) const {
    for (const auto& [name, value] : request.query)
      if (name == "versioning") return {200, habits_.keeps_versions ? "<Status>Enabled</Status>" : "<V/>", "application/xml", {}};
    std::string body = "<ListBucketResult>";
    for (const auto& [path, content] : contents_)
      if (path.starts_with("/fake/" + std::string(request.query_value("prefix"))))
        body += "<Contents><Key>" + path.substr(6) + "</Key></Contents>";
    return {200, body + "</ListBucketResult>", "application/xml", {}};
  }

  bool holds(const HttpRequest& request) const {
    const auto found = contents_.find(request.path);
    if (habits_.looks_at_new && request.header("if-none-match") == "*" && found != contents_.end()) return false;
    const std::string wanted(request.header("if-match"));
    if (!habits_.looks_at_etags || wanted.empty()) return true;
    if (found == contents_.end()) return false;
    const std::string bare = etag(found->second);
    return (habits_.wants_quotes && wanted == "\"" + bare + "\"") || (habits_.wants_bare && wanted == bare);
  }

  HttpResponse put(const HttpRequest& request) {
    ++puts_;
    const bool conditional = !request.header("if-match").empty() || !request.header("if-none-match").empty();
    if (conditional && habits_.status_of_conditions != 0) return said(habits_.status_of_conditions, "NotImplemented");
    const bool failing = request.path == failing_key_ && failing_times_ > 0 && failing_times_-- > 0;
    if (failing && !failing_done_) return said(failing_status_, "InternalError");
    if (!holds(request)) return said(412, "PreconditionFailed");
    contents_[request.path] = request.body;
    if (failing) return said(failing_status_, "InternalError");
    return {200, {}, {}, {{"ETag", "\"" + etag(request.body) + "\""}}};
  }

  const Habits habits_;
  std::mutex mutex_;
  std::map<std::string, std::string> contents_;
  std::string failing_key_;
  int failing_times_ = 0, failing_status_ = 0;
  bool failing_done_ = false;
  std::atomic<int> puts_{0};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace backstitch::objects
