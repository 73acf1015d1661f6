// For tests only: what a broker may do to a client at any time, and no test can ask a broker for.
#pragma once
#include "stores/queue/port.h"

namespace backstitch::queue::kafka {

/// The producer of a queue of open_kafka_queue() has failed in a way that librdkafka calls fatal.
void fail_producer_for_good(Queue& queue);

}  // namespace backstitch::queue::kafka
