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
  static S3House& get() {
    static S3House house;
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
  Server server;

 private:
  S3House() : server(start()) {}
  // It takes seconds until all of the ports are taken, and somebody else may have been quicker.
  Server start() {
    for (int tries = 3;; --tries) {
      auto started =
          Server::start("ceph", folder / fmt::format("ceph{}", tries), free_ports(10), {"bucket=house", "versioned=versions"});
      if (started) return std::move(*started);
      if (tries == 1) throw std::runtime_error(started.error().text());
    }
  }
  int places_ = 0;
};

}  // namespace backstitch::servers
