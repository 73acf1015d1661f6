// The CRM role: updates of orders, order items and assets, each with (epoch, version); a state never moves backwards there.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

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

/// A record as the CRM holds it now.
struct Record {
  std::string type, external_id;         // as of Update
  std::string state;                     // of an order that was only submitted: "Submitted"; that waits in the CRM: "Queued"
  std::string body = "{}";               // JSON: what the last update said; of an order without one its source, id and version
  std::uint64_t epoch = 0, version = 0;  // 0: no update of ours arrived yet
  Time modified_at;                      // milliseconds are what a CRM keeps
  Time submitted_at;                     // of an order: when "received" was answered; not set when it never was
};

class Crm {
 public:
  virtual ~Crm() = default;
  /// One result per update, in order. Code::crm_failed or unreachable when the call as a whole failed: all may be sent again.
  virtual Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) = 0;
  /// Orders, order items and assets that were changed at or after `since` (rounded down to its millisecond), each once, in its
  /// last state, by time of change. Reads page by page; one that fails fails the whole. Code::crm_failed, unreachable.
  virtual Result<std::vector<Record>> changed_since(Time since) = 0;
};

/// Speaks the part of Salesforce's REST that the stand-in org knows: composite collections of at most 200 records, and queries
/// (SOQL) with their pages.
std::unique_ptr<Crm> open_standin_crm(const std::string& url);

}  // namespace backstitch::crm
