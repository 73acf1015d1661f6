// The CRM role: updates of orders, order items and assets, each with (epoch, version); a state never moves backwards there.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch::crm {

struct Update {
  std::string type;         // "Order" "OrderItem" "Asset"
  std::string external_id;  // source order id, with :line for an item; the asset's reference
  std::string state;
  std::string body;  // the whole update as JSON, for fields
  std::uint64_t epoch = 1, version = 0;
};

enum class Delivered : std::uint8_t { ok, retry, refused };
struct DeliveryResult {
  Delivered state = Delivered::retry;
  std::string detail;
};

class Crm {
 public:
  virtual ~Crm() = default;
  /// One result per update, in order. Code::crm_failed or unreachable when the call as a whole failed: all may be sent again.
  virtual Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) = 0;
};

/// Speaks the part of Salesforce's REST that the stand-in org knows: composite collections of at most 200 records.
std::unique_ptr<Crm> open_standin_crm(const std::string& url);

}  // namespace backstitch::crm
