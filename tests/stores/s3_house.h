// A real S3 for the tests of this folder: one gateway for all of a program, a prefix of its own for each test; and another client
// of it.
#pragma once
#include <gtest/gtest.h>

#include "base/testing.h"
#include "server.h"
#include "stores/objects/s3/s3_settings.h"

namespace backstitch::servers {

class S3House {
 public:
  /// The first call decides: a cached gateway is quick, but comes back slowly when it was killed.
  static S3House& get(bool cached = true) {
    static S3House house(cached);
    return house;
  }
  /// Of a place where nothing is yet.
  objects::S3Settings settings() {
    objects::S3Settings settings;
    settings.endpoint = "http://127.0.0.1:" + std::to_string(server.port());
    settings.bucket = "house", settings.prefix = "of/test-" + std::to_string(++places_);
    settings.access_key = "BACKSTITCH", settings.secret_key = "backstitch-secret";
    return settings;
  }
  /// The same over TLS, of whom `ca_file()` tells.
  objects::S3Settings tls_settings() {
    objects::S3Settings over = settings();
    over.endpoint = "https://127.0.0.1:" + std::to_string(server.port() + 9);
    return over;
  }
  std::string ca_file() const { return ceph + "/tls/ca.crt"; }
  /// What curl gets: its own signing, over a path below the endpoint.
  std::string curl(const std::string& path, std::vector<std::string> options = {}) const {
    std::vector<std::string> words = {"curl",        "-sS",
                                      "-m",          "30",
                                      "--aws-sigv4", "aws:amz:us-east-1:s3",
                                      "--user",      "BACKSTITCH:backstitch-secret",
                                      "-H",          "x-amz-content-sha256: UNSIGNED-PAYLOAD"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("http://127.0.0.1:" + std::to_string(server.port()) + path);
    const auto done = backstitch::run({.argv = words}, 40'000);
    EXPECT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
    return done ? done->out : "";
  }

  testing::ScratchFolder folder;
  std::string ceph;  // the gateway's own
  Server server;

 private:
  explicit S3House(bool cached) : server(start(cached)) {}
  // It takes seconds until all of the ports are taken, and somebody else may have been quicker.
  Server start(bool cached) {
    std::vector<std::string> options = {"tls", "bucket=house", "versioned=versions"};
    if (cached) options.emplace_back("cached");
    for (int tries = 3;; --tries) {
      ceph = folder / fmt::format("ceph{}", tries);
      auto started = Server::start("ceph", ceph, free_ports(10), options);
      if (started) return std::move(*started);
      if (tries == 1) throw std::runtime_error(started.error().text());
    }
  }
  int places_ = 0;
};

}  // namespace backstitch::servers
