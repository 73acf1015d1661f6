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
  void lose_the_rest() {
    for (const std::string& name : list_folder(world.data())) {
      if (name == "backstitch.yaml") continue;
      ASSERT_TRUE(remove_tree(world.data() + "/" + name));
    }
  }
};

TEST_F(NewHost, HasEveryOrderOutOfLogAndBucket) {
  ASSERT_NO_FATAL_FAILURE(live());
  ASSERT_NO_FATAL_FAILURE(lose_database());
  ASSERT_NO_FATAL_FAILURE(lose_the_rest());
  ASSERT_NO_FATAL_FAILURE(comes_back());
}

}  // namespace
}  // namespace backstitch::e2e
