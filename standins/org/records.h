// The org's records as the CRM sync left them. A state never moves backwards: what is older than the stored (epoch, version)
// is written down as stale and changes nothing.
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace backstitch::standin {

enum class Arrival {
  applied,    // newer than what stood there, or new
  stale,      // older than what stood there
  repeated,   // the same (epoch, version) with the same content
  differing,  // the same (epoch, version) with another content: two histories claim one place
};
const char* to_text(Arrival arrival);

struct Update {
  std::string type, external_id;  // "Order", "OrderItem", "Asset"
  std::int64_t epoch = 0, version = 0;
  std::string status;
  std::string fields;  // JSON object: everything but the attributes
  Time at;
};
/// One record of a composite call. Code::json_invalid names the missing field.
Result<Update> read_update(const boost::json::object& record, Time at);
/// In the manner of Salesforce: a type prefix and 15 characters.
std::string record_id(const std::string& type, const std::string& external_id);
boost::json::object update_line(const Update& update, Arrival arrival);
/// The same line, read again at start.
Result<Update> read_update_line(const boost::json::object& line);

/// Not thread-safe.
class Records {
 public:
  struct Record {
    Update last;  // the applied one
    std::int64_t updates = 0;
    std::string id;  // in the manner of Salesforce: a type prefix and 15 characters
  };
  /// What would be said of it, changing nothing.
  Arrival judge(const Update& update) const;
  Arrival apply(const Update& update);
  const Record* find(const std::string& type, const std::string& external_id) const;  // null when there is none
  /// Of one type, by external id; empty when there is none.
  const std::map<std::string, Record>& of_type(const std::string& type) const;
  static boost::json::object record_json(const Record& record);
  /// {"Order":{"count","updates","applied","stale","repeated","differing","byStatus":{…}},…}
  boost::json::object summary() const;

 private:
  struct TypeCount {
    std::map<Arrival, std::int64_t> arrivals;
  };
  std::map<std::string, std::map<std::string, Record>> by_type_;
  std::map<std::string, TypeCount> counts_;
};

}  // namespace backstitch::standin
