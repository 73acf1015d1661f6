// What every CRM promises (stores/crm/port.h), as cases against the port, and against an org that can be told how to answer.
// A case gets both for itself; in the org nothing stands yet.
#pragma once
#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "contract/words.h"
#include "stores/crm/port.h"
#include "stores/crm/strict_fake.h"

namespace backstitch::crm::contract {

using namespace backstitch::contract;

class House {
 public:
  virtual ~House() = default;
  virtual Crm& crm() = 0;
  virtual Org& org() = 0;
};
using CrmCase = Case<House>;

inline Update order(const std::string& id, std::uint64_t version = 1, const std::string& state = "InProgress") {
  return {"Order", id, state, R"({"type":"order","items":[]})", 1, version};
}
inline std::vector<Update> orders(std::size_t count) {
  std::vector<Update> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(order(fmt::format("801-{}", i)));
  return out;
}
inline std::vector<DeliveryResult> told(House& house, const std::vector<Update>& updates) {
  auto results = value_of(house.crm().deliver(updates), "deliver");
  same(results.size(), updates.size(), "results");
  return results;
}
inline const char* text(Delivered state) {
  return state == Delivered::ok ? "ok" : state == Delivered::retry ? "retry" : "refused";
}
inline std::string states(const std::vector<DeliveryResult>& results) {
  std::string out;
  for (const DeliveryResult& result : results) out += std::string(out.empty() ? "" : " ") + text(result.state);
  return out;
}
inline Update stored(House& house, const Update& update) {
  const auto found = house.org().stored(update.type, update.external_id);
  require(found.has_value(), update.external_id + " does not stand in the org");
  return *found;
}
inline void fails(House& house, Mood mood, Code code, const std::string& what) {
  house.org().be(mood);
  refused(house.crm().deliver(orders(2)), code, what);
}

inline void an_update_arrives_with_all_it_says(House& house) {
  const std::vector<Update> updates = {
      {"Order", "801A1", "Activated", R"({"type":"order","n":19.95,"text":"a \"quoted\" ä"})", 3, 7},
      {"OrderItem", "801A1:1.\"2\"\\\xc3\xa4", "Failed \"x\"", R"({"type":"orderItem"})", 3, 8},
      {"Asset", "A-1/FIBER", "", R"({"before":null,"after":{"speed":500}})", 3, 18'000'000'000'000'000'000ull}};
  same(states(told(house, updates)), std::string("ok ok ok"), "results");
  for (const Update& update : updates) {
    const Update found = stored(house, update);
    same(found.state, update.state, "state");
    same(found.epoch, update.epoch, "epoch");
    same(found.version, update.version, "version");
    same(found.body, update.body, "body");
  }
}

inline void nothing_to_tell_is_no_call(House& house) {
  told(house, {});
  require(house.org().calls().empty(), "a call without a record");
}

inline void what_failed_inside_a_200_is_told_apart(House& house) {
  house.org().answer("801-1", Answer::invalid);
  house.org().answer("801-2", Answer::locked);
  house.org().answer("801-4", Answer::limited);
  same(states(told(house, orders(6))), std::string("ok refused retry ok retry ok"), "results");
  for (const char* id : {"801-0", "801-3", "801-5"}) stored(house, order(id));
  require(!house.org().stored("Order", "801-1") && !house.org().stored("Order", "801-2"), "a failed one stands in the org");
}

inline void a_refusal_has_its_reason(House& house) {
  house.org().answer("801-0", Answer::invalid);
  const auto results = told(house, orders(2));
  require(results[0].detail.find("FIELD_INTEGRITY_EXCEPTION") != std::string::npos, "no reason: " + results[0].detail);
  same(results[1].detail, std::string(), "the other's reason");
}

inline void a_locked_record_comes_again(House& house) {
  house.org().answer("801-0", Answer::locked);
  same(states(told(house, orders(1))), std::string("retry"), "locked");
  house.org().answer("801-0", Answer::applied);
  same(states(told(house, orders(1))), std::string("ok"), "free again");
  stored(house, order("801-0"));
}

inline void a_call_has_at_most_200_records(House& house) {
  const std::vector<Update> updates = orders(450);
  house.org().answer("801-199", Answer::invalid);
  house.org().answer("801-200", Answer::locked);
  house.org().answer("801-449", Answer::invalid);
  const auto results = told(house, updates);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Delivered expected = i == 199 || i == 449 ? Delivered::refused : i == 200 ? Delivered::retry : Delivered::ok;
    same(std::string(text(results[i].state)), std::string(text(expected)), fmt::format("result {}", i));
  }
  const auto calls = house.org().calls();
  require(*std::max_element(calls.begin(), calls.end()) <= 200, "a call of more than 200 records");
  same(std::accumulate(calls.begin(), calls.end(), std::size_t{0}), updates.size(), "records sent");
}

inline void a_broken_org_is_an_error(House& house) { fails(house, Mood::broken, Code::crm_failed, "a 500"); }
inline void no_answer_is_an_error(House& house) { fails(house, Mood::silent, Code::unreachable, "silence"); }
inline void nobody_there_is_an_error(House& house) { fails(house, Mood::gone, Code::unreachable, "a closed port"); }
inline void a_missing_result_is_an_error(House& house) { fails(house, Mood::short_list, Code::crm_failed, "one result for two"); }
inline void an_answer_that_is_no_json_is_an_error(House& house) { fails(house, Mood::no_json, Code::crm_failed, "a page"); }
inline void a_result_that_says_nothing_is_an_error(House& house) { fails(house, Mood::no_success, Code::crm_failed, "a 7"); }

inline void after_an_error_all_may_be_sent_again(House& house) {
  for (const Mood mood : {Mood::broken, Mood::silent}) {
    house.org().be(mood);
    require(!house.crm().deliver(orders(2)), "a failed call was accepted");
    house.org().be(Mood::fine);
    same(states(told(house, orders(2))), std::string("ok ok"), "sent again");
    same(stored(house, order("801-1")).version, std::uint64_t{1}, "version");
  }
}

inline void a_state_never_moves_backwards(House& house) {
  told(house, {order("801A1", 7, "Activated")});
  same(states(told(house, {order("801A1", 6, "InProgress")})), std::string("ok"), "an old update");
  same(stored(house, order("801A1")).state, std::string("Activated"), "state");
  Update next = order("801A1", 1, "InProgress");
  next.epoch = 2;
  told(house, {next});
  same(stored(house, next).state, std::string("InProgress"), "state in the next epoch");
}

constexpr Time noon{1'800'000'000'000'000};

inline std::vector<Record> listed(House& house, Time since) {
  return value_of(house.crm().changed_since(since), "changed_since");
}
inline std::string names(const std::vector<Record>& records) {
  std::string out;
  for (const Record& record : records) out += (out.empty() ? "" : " ") + record.external_id;
  return out;
}

inline void what_changed_is_listed_with_all_it_says(House& house) {
  house.org().at(noon);
  told(house, {{"Asset", "A-1/FIBER", "Active", R"({"before":null,"after":{"speed":500}})", 3, 18'000'000'000'000'000'000ull}});
  house.org().at(noon.plus_ms(1));
  told(house, {{"OrderItem", "801A1:1.\"2\"\\\xc3\xa4", "Failed \"x\"", R"({"n":19.95})", 3, 8}});
  house.org().at(noon.plus_ms(2));
  told(house, {order("801A1", 7, "Activated")});
  const auto records = listed(house, noon);
  same(names(records), std::string("A-1/FIBER 801A1:1.\"2\"\\\xc3\xa4 801A1"), "records by time of change");
  same(records[0].type, std::string("Asset"), "type");
  same(records[0].body, std::string(R"({"before":null,"after":{"speed":500}})"), "body");
  same(records[0].version, std::uint64_t{18'000'000'000'000'000'000ull}, "version");
  same(records[1].state, std::string("Failed \"x\""), "state");
  same(records[1].epoch, std::uint64_t{3}, "epoch");
  same(records[2].modified_at.us, noon.plus_ms(2).us, "time of change");
  require(!records[2].submitted_at.is_set(), "an order that the org did not submit");
}

inline void the_moment_itself_is_listed_and_what_was_before_is_not(House& house) {
  for (const int ms : {0, 1, 2}) {
    house.org().at(noon.plus_ms(ms));
    told(house, {order(fmt::format("801-{}", ms))});
  }
  same(names(listed(house, noon.plus_ms(1))), std::string("801-1 801-2"), "since");
  same(names(listed(house, Time{noon.us + 1001})), std::string("801-1 801-2"), "since, within the millisecond");
  same(names(listed(house, noon.plus_ms(3))), std::string(), "since behind all");
}

inline void more_than_a_page_is_listed(House& house) {
  house.org().at(noon);
  told(house, orders(450));
  const auto records = listed(house, noon);
  std::set<std::string> seen;
  for (const Record& record : records) seen.insert(record.external_id);
  same(records.size(), std::size_t{450}, "records");
  same(seen.size(), std::size_t{450}, "different records");
}

inline void an_old_update_is_no_change(House& house) {
  house.org().at(noon);
  told(house, {order("801A1", 7, "Activated")});
  house.org().at(noon.plus_ms(5));
  told(house, {order("801A1", 6)});
  require(listed(house, noon.plus_ms(1)).empty(), "a change that was none");
}

inline void a_submitted_order_is_listed_before_any_update(House& house) {
  house.org().at(noon);
  house.org().submitted("801A1");
  auto records = listed(house, noon);
  same(names(records), std::string("801A1"), "records");
  same(records[0].state, std::string("Submitted"), "state");
  same(records[0].epoch, std::uint64_t{0}, "epoch");
  same(records[0].submitted_at.us, noon.us, "submitted at");
  house.org().at(noon.plus_ms(9));
  told(house, {order("801A1", 7, "Activated")});
  records = listed(house, noon.plus_ms(1));
  same(names(records), std::string("801A1"), "records after the update");
  same(records[0].state, std::string("Activated"), "state after the update");
  same(records[0].submitted_at.us, noon.us, "submitted at, after the update");
}

inline void what_is_theirs_is_listed_and_what_they_did_to_ours(House& house) {
  house.org().at(noon);
  told(house, {{"Order", "801A1", "InProgress", R"({"type":"order","state":"InProgress"})", 1, 7}});
  house.org().at(noon.plus_ms(1));
  house.org().changed_there("Order", "801A1", "Description", "call \"first\"");
  house.org().at(noon.plus_ms(2));
  house.org().changed_there("Order", "801A1", "Status", "On Hold");
  auto records = value_of(read_changes(house.crm(), noon.plus_ms(1)), "read_changes").records;
  same(records.size(), std::size_t{1}, "records");
  require(records[0].theirs.find(R"("fields.Description":"call \"first\"")") != std::string::npos,
          "theirs: " + records[0].theirs);
  same(records[0].record.state, std::string("On Hold"), "state, as it stands there");
  same(records[0].record.version, std::uint64_t{7}, "version");
  same(records[0].differences.size(), std::size_t{1}, "differences");
  same(records[0].differences[0].ours + " " + records[0].differences[0].sent + " " + records[0].differences[0].found,
       std::string("state InProgress On Hold"), "difference");
  told(house, {{"Order", "801A1", "Activated", R"({"type":"order","state":"Activated"})", 1, 8}});
  records = value_of(read_changes(house.crm(), noon.plus_ms(1)), "read_changes").records;
  require(records[0].differences.empty(), "what was said again differs no more");
  require(records[0].theirs.find("call") != std::string::npos, "theirs stays: " + records[0].theirs);
}

inline void a_list_that_fails_is_an_error(House& house) {
  told(house, orders(2));
  for (const Mood mood : {Mood::broken, Mood::short_list, Mood::no_json, Mood::no_success}) {
    house.org().be(mood);
    refused(house.crm().changed_since(Time{1}), Code::crm_failed, fmt::format("mood {}", static_cast<int>(mood)));
  }
  for (const Mood mood : {Mood::silent, Mood::gone}) {
    house.org().be(mood);
    refused(house.crm().changed_since(Time{1}), Code::unreachable, fmt::format("mood {}", static_cast<int>(mood)));
  }
}

inline std::vector<CrmCase> cases() {
#define BACKSTITCH_CASE(name) \
  CrmCase { #name, name }
  return {BACKSTITCH_CASE(an_update_arrives_with_all_it_says),
          BACKSTITCH_CASE(nothing_to_tell_is_no_call),
          BACKSTITCH_CASE(what_failed_inside_a_200_is_told_apart),
          BACKSTITCH_CASE(a_refusal_has_its_reason),
          BACKSTITCH_CASE(a_locked_record_comes_again),
          BACKSTITCH_CASE(a_call_has_at_most_200_records),
          BACKSTITCH_CASE(a_broken_org_is_an_error),
          BACKSTITCH_CASE(no_answer_is_an_error),
          BACKSTITCH_CASE(nobody_there_is_an_error),
          BACKSTITCH_CASE(a_missing_result_is_an_error),
          BACKSTITCH_CASE(an_answer_that_is_no_json_is_an_error),
          BACKSTITCH_CASE(a_result_that_says_nothing_is_an_error),
          BACKSTITCH_CASE(after_an_error_all_may_be_sent_again),
          BACKSTITCH_CASE(a_state_never_moves_backwards),
          BACKSTITCH_CASE(what_changed_is_listed_with_all_it_says),
          BACKSTITCH_CASE(the_moment_itself_is_listed_and_what_was_before_is_not),
          BACKSTITCH_CASE(more_than_a_page_is_listed),
          BACKSTITCH_CASE(an_old_update_is_no_change),
          BACKSTITCH_CASE(a_submitted_order_is_listed_before_any_update),
          BACKSTITCH_CASE(what_is_theirs_is_listed_and_what_they_did_to_ours),
          BACKSTITCH_CASE(a_list_that_fails_is_an_error)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::crm::contract
