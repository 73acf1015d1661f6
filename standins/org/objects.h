// The org's objects: accounts, orders, order items, assets, with what any client of its API may do to one record. Changes gather
// until they are committed, and can be taken back together.
#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "standins/org/api_fault.h"
#include "standins/org/schema.h"

namespace backstitch::standin {

struct ObjectRow {
  std::string type, id;
  boost::json::object fields;
  Time created, modified;
  bool deleted = false;
  std::string external_id() const;
};
/// One line of the ledger: the whole row as it stands now.
boost::json::object object_line(const ObjectRow& row);

struct Written {
  std::string id;
  bool created = false;
};

/// Not thread-safe.
class Objects {
 public:
  using Clock = std::function<Time()>;
  /// Asked before each write, with type and name (external id, else id): a lock or a limit.
  using Refusal = std::function<std::optional<ApiFault>(const std::string& type, const std::string& name)>;
  Objects(Clock clock, Refusal refusal) : clock_(std::move(clock)), refusal_(std::move(refusal)) {}

  ApiResult<Written> create(const std::string& type, boost::json::object record);
  ApiResult<Written> update(const std::string& type, const std::string& id, boost::json::object record);
  /// By external id; status 300 when several match never happens: it is unique here.
  ApiResult<Written> upsert(const std::string& type, const std::string& field, const std::string& value,
                            boost::json::object record);
  ApiResult<Written> remove(const std::string& type, const std::string& id);

  /// 15 or 18 characters. NOT_FOUND, ENTITY_IS_DELETED.
  ApiResult<const ObjectRow*> live(const std::string& type, const std::string& id) const;
  /// Null when there is none, or only a deleted one.
  const ObjectRow* by_external(const std::string& type, const std::string& value) const;
  const ObjectRow* by_id(const std::string& type, const std::string& id) const;
  const std::map<std::string, ObjectRow>& of_type(const std::string& type) const;  // by id

  /// Fields laid over the record with this external id, unchecked: what the org itself does, and what a platform of before did.
  /// It is no change to be committed.
  void put(const std::string& type, const std::string& external_id, const boost::json::object& fields, Time at);
  /// A row of the ledger, read again.
  void restore(ObjectRow row);

  /// What was changed since the last commit, in order; these changes stand now.
  std::vector<ObjectRow> commit();
  /// A place to which roll_back() returns.
  std::size_t mark() const { return undo_.size(); }
  void roll_back(std::size_t mark);

 private:
  struct Undo {
    std::string type, id;
    std::optional<ObjectRow> before;
  };
  ApiResult<void> check(const ObjectType& type, const boost::json::object& record, const ObjectRow* before) const;
  void store(ObjectRow row);
  void index(const ObjectRow& row);

  const Clock clock_;
  const Refusal refusal_;
  std::map<std::string, std::map<std::string, ObjectRow>> rows_;
  std::map<std::pair<std::string, std::string>, std::string> id_of_external_;  // live ones
  std::vector<Undo> undo_;
  std::uint64_t made_ = 0;
};

/// The place that a platform's update has, from Epoch__c and Version__c; none when the record holds no such fields.
std::optional<std::pair<std::uint64_t, std::uint64_t>> place_of(const boost::json::object& fields);

}  // namespace backstitch::standin
