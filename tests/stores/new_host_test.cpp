// Nothing at all is left of a host. Its successor has the configuration, the log and the bucket.
#include "lost_disk.h"

namespace backstitch::e2e {
namespace {

class KafkaServer {
 public:
  static int port() {
    static KafkaServer one;
    return one.server_.port();
  }

 private:
  testing::ScratchFolder folder_;
  servers::Server server_ = [this] {
    auto started = servers::Server::start("kafka", folder_ / "kafka", servers::free_ports(2));
    if (!started) throw std::runtime_error(started.error().text());
    return std::move(*started);
  }();
};

class NewHost : public LostDisk {
 protected:
  NewHost()
      : LostDisk(fmt::format("queue: {{adapter: kafka, brokers: '127.0.0.1:{}'}}\nobjects: {{adapter: s3, bucket: house}}\n",
                             KafkaServer::port())) {}
  const std::string config_file = world.path("backstitch.yaml");
  void lose_the_rest() {
    ASSERT_EQ(::rename((world.data() + "/backstitch.yaml").c_str(), config_file.c_str()), 0);
    ASSERT_TRUE(remove_tree(world.data()));
  }
};

TEST_F(NewHost, HasEveryOrderOutOfLogAndBucket) {
  ASSERT_NO_FATAL_FAILURE(live());
  ASSERT_NO_FATAL_FAILURE(lose_database());
  ASSERT_NO_FATAL_FAILURE(lose_the_rest());
  EXPECT_EQ(speak(world, {"recover", "range"}).code(), "BS-1006") << "there is no data folder";
  ASSERT_NO_FATAL_FAILURE(comes_back(config_file));
}

}  // namespace
}  // namespace backstitch::e2e
