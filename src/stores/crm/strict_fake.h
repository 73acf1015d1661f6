// A CRM for tests, without a socket, and its Org: what stands there, and how it shall answer. Stricter than the stand-in: it
// stops the test when an update names nothing, or when one call says two things of one record. Thread-safe.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stores/crm/changes.h"

namespace backstitch::crm {

/// The answer about one record, inside a 200.
enum class Answer : std::uint8_t { applied, locked, limited, invalid };
/// The answer to a call as a whole.
enum class Mood : std::uint8_t { fine, broken, silent, gone, short_list, no_json, no_success };
/// silent: everything was applied, the answer got lost. broken: a 500, nothing was applied. gone: nobody listens.

/// A contract may run against an org behind a socket: a house then tells it the same things in its own way.
class Org {
 public:
  virtual ~Org() = default;
  virtual void answer(const std::string& external_id, Answer answer);
  void be(Mood mood);
  Mood mood() const;
  /// One call of these records: applies what is to be applied (a state never moves backwards) and says how each fared.
  std::vector<Answer> take(const std::vector<Update>& updates);
  /// What stands there now; none when no update was applied.
  virtual std::optional<Update> stored(const std::string& type, const std::string& external_id) const;
  /// How many records each call had, also those that failed as a whole.
  virtual std::vector<std::size_t> calls() const;

  /// The org's clock, in whole milliseconds.
  virtual void at(Time now);
  /// The org has submitted this order, and was answered "received".
  virtual void submitted(const std::string& external_id);
  /// Somebody changed a field of a record there; the fields of orders in crm/fields.yaml are known.
  virtual void changed_there(const std::string& type, const std::string& external_id, const std::string& field,
                             const std::string& value);
  /// Records of a type changed at or after `since`, by time of change, then name.
  std::vector<ChangedRecord> changed_since(const std::string& type, Time since) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::map<std::pair<std::string, std::string>, Update> stored_;
  std::map<std::pair<std::string, std::string>, ChangedRecord> records_;
  Time now_{1'800'000'000'000'000};
  std::vector<std::size_t> calls_;
  Mood mood_ = Mood::fine;
};

class StrictFake : public Crm, public ChangeReader {
 public:
  explicit StrictFake(std::shared_ptr<Org> org) : org_(std::move(org)) {}
  Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) override;
  Result<std::vector<Record>> changed_since(Time since) override;
  Result<Changes> read_changes(Time since) override;

 private:
  std::shared_ptr<Org> org_;
};

}  // namespace backstitch::crm
