// An independent client: submits orders over HTTP and keeps its own file of what was acknowledged, one line an order.
#pragma once
#include <memory>
#include <mutex>
#include <set>

#include "base/net/http_server.h"
#include "standins/common/ledger.h"
#include "standins/common/submitter.h"

namespace backstitch::standin {

/// Thread-safe.
class Client {
 public:
  /// Reads acknowledged.jsonl (and rejected.jsonl) of the folder: what stands there is not submitted again.
  static Result<std::unique_ptr<Client>> open(const std::string& data);

  void submit(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target);
  bool done() const { return submitter_ && submitter_->done(); }
  void stop() { submitter_.reset(); }
  boost::json::object summary() const;  // {"given","attempts","acknowledged","rejected","open"}

 private:
  void note(Ledger& ledger, std::set<std::string>& keys, const OrderText& order, const HttpAnswer& answer);

  std::unique_ptr<Ledger> acknowledged_file_, rejected_file_;
  mutable std::mutex mutex_;
  std::set<std::string> acknowledged_, rejected_;
  std::int64_t given_ = 0, attempts_ = 0;
  std::unique_ptr<Submitter> submitter_;
};

}  // namespace backstitch::standin
