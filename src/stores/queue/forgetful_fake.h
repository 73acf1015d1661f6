// For tests only: hands out less than it has, and does not say so.
#pragma once
#include <atomic>

#include "stores/queue/strict_fake.h"

namespace backstitch::queue {

class ForgetfulFake : public StrictFake {
 public:
  using StrictFake::StrictFake;
  Result<std::vector<Record>> read(const std::string& topic, Partition partition, Offset from, std::size_t records_max) override {
    auto records = StrictFake::read(topic, partition, from, records_max);
    if (records) std::erase_if(*records, [this](const Record& record) { return record.offset == forgotten; });
    return records;
  }
  std::atomic<Offset> forgotten = 0;  // in every topic and partition; 0: none
};

}  // namespace backstitch::queue
