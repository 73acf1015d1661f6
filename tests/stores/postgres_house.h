// A real PostgreSQL that somebody else runs, for the tests of this folder, and the one who runs it.
#pragma once
#include <gtest/gtest.h>

#include "base/testing.h"
#include "server.h"
#include "stores/database/external/external.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::servers {

class PostgresHouse {
 public:
  /// `words` of scripts/servers/postgres.sh.
  explicit PostgresHouse(std::vector<std::string> words = {}) : server(start(std::move(words))) {}

  std::string url(const std::string& database = "backstitch", const std::string& user = "backstitch",
                  const std::string& password = "backstitch") const {
    return fmt::format("postgresql://{}:{}@127.0.0.1:{}/{}", user, password, server.port(), database);
  }
  database::ExternalAddress address(const std::string& of_database = "backstitch") const {
    auto found = database::external_address(url(of_database));
    EXPECT_TRUE(found) << (found ? "" : found.error().text());
    return *found;
  }
  /// As the one who runs it; statements, one after the other.
  void admin(const std::string& of_database, const std::vector<std::string>& statements) const {
    auto session = database::Connection::open(url(of_database, "admin", "admin"));
    ASSERT_TRUE(session) << session.error().text();
    for (const std::string& sql : statements) {
      const Status done = session->execute(sql);
      ASSERT_TRUE(done) << done.error().text();
    }
  }
  /// A database of its own for a test, which our role owns; `more` of create database.
  std::string make(const std::string& name, const std::string& more = {}) const {
    admin("postgres", {fmt::format("create database {} owner backstitch {}", name, more)});
    return name;
  }

  /// A full backup, where `words` asked for them.
  void back_up() const {
    const auto done = run({.argv = {SERVERS_FOLDER "/postgres.sh", "backup", folder / "postgres"}}, 300'000);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(done->exit_status, 0) << done->out << done->err;
  }

  testing::ScratchFolder folder;
  Server server;

 private:
  Server start(std::vector<std::string> words) {
    auto started = Server::start("postgres", folder / "postgres", free_ports(1), std::move(words));
    if (!started) throw std::runtime_error(started.error().text());
    return std::move(*started);
  }
};

}  // namespace backstitch::servers
