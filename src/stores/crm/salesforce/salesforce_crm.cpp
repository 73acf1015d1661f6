#include "stores/crm/salesforce/salesforce_crm.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "base/json.h"
#include "base/log.h"
#include "base/signature.h"
#include "stores/crm/catalog_records.h"
#include "stores/crm/earlier.h"
#include "stores/crm/error_codes.h"
#include "stores/crm/record_fields.h"
#include "stores/crm/salesforce/query.h"
#include "stores/crm/salesforce/session.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr std::size_t records_max = 200;        // of one collection
constexpr std::size_t query_bytes_max = 3'000;  // of the names in one query: percent-encoded it must stay below 16 KiB
constexpr std::int64_t lag_ms = 120'000;        // behind that, the org's change lists are said to stand still

using Place = std::pair<std::uint64_t, std::uint64_t>;  // epoch, version
/// What is delivered together: indices of updates, all of one type.
using Part = std::vector<std::size_t>;

class SalesforceCrm : public Crm, public ChangeReader, public CatalogReader {
 public:
  explicit SalesforceCrm(const SalesforceSettings& settings) : settings_(settings), session_(settings_) {}

  Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) override {
    std::vector<DeliveryResult> results(updates.size());
    for (const char* type : {"Order", "OrderItem", "Asset"}) {  // parents before children
      Part all;
      for (std::size_t i = 0; i < updates.size(); ++i)
        if (updates[i].type == type) all.push_back(i);
      for (std::size_t from = 0; from < all.size(); from += records_max) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
        BS_TRY(deliver_part(updates, {begin, begin + static_cast<std::ptrdiff_t>(std::min(records_max, all.size() - from))},
                            results));
      }
    }
    return results;
  }

  Result<std::vector<Record>> changed_since(Time since) override { return records_of(read_changes(since)); }

  Result<CatalogContent> read_catalog() override { return catalog_of(query()); }
  Result<std::vector<CatalogDelta>> deltas_after(std::int64_t index) override { return deltas_of(query(), index); }

  Result<Changes> read_changes(Time since) override {
    const Time now = wall_clock();
    Changes changes{{}, now};
    for (const char* type : {"Order", "OrderItem", "Asset"}) BS_TRY(take_changed(type, since, now, changes));
    std::sort(changes.records.begin(), changes.records.end(), changed_earlier);
    return changes;
  }

 private:
  // ---- deliver -------------------------------------------------------------------------------------------------------

  Status deliver_part(const std::vector<Update>& updates, Part part, std::vector<DeliveryResult>& results) {
    BS_TRY(pass_over_known(updates, part, results));
    for (Backoff backoff(settings_.patience_ms, settings_.backoff); !part.empty();) {
      BS_TRY(write(updates, part, results));
      BS_TRY(forgive_overtaken(updates, part, results));
      std::erase_if(part, [&](std::size_t i) { return results[i].state != Delivered::retry; });
      if (!part.empty() && !backoff.wait()) break;  // still locked: whoever asked asks again
    }
    return {};
  }

  /// What stands in the CRM already, or is older, is done: our own echo, or a state that would move backwards.
  Status pass_over_known(const std::vector<Update>& updates, Part& part, std::vector<DeliveryResult>& results) {
    const ObjectFields& fields = settings_.fields.of(updates[part.front()].type);
    std::map<std::string, Place> places;
    std::string names;
    for (std::size_t n = 0; n < part.size(); ++n) {
      names += (names.empty() ? "" : ",") + soql_text(updates[part[n]].external_id);
      if (names.size() < query_bytes_max && n + 1 < part.size()) continue;
      BS_TRY(read_places(updates[part.front()].type, fields, names, places));
      names.clear();
    }
    std::erase_if(part, [&](std::size_t i) {
      const auto known = places.find(updates[i].external_id);
      const bool done = known != places.end() && known->second >= Place(updates[i].epoch, updates[i].version);
      if (done) results[i] = {Delivered::ok, {}};
      return done;
    });
    return {};
  }

  Status read_places(const std::string& type, const ObjectFields& fields, const std::string& names,
                     std::map<std::string, Place>& places) {
    const auto found =
        query_all(session_, "query",
                  "SELECT " + select_of(fields) + " FROM " + fields.object + " WHERE " + fields.key + " IN (" + names + ")");
    if (!found) return fail(found.error());
    for (const json::value& entry : *found) {
      const auto record = read_record(type, entry, fields);
      if (!record) return fail(record.error());
      places[record->record.external_id] = {record->record.epoch, record->record.version};
      for (const Difference& difference : differences(entry.get_object(), fields))
        log_warn("crm_difference", "type={} id={} field={} sent=\"{}\" found=\"{}\"", type, record->record.external_id,
                 difference.field, difference.sent, difference.found);
    }
    return {};
  }

  Status write(const std::vector<Update>& updates, const Part& part, std::vector<DeliveryResult>& results) {
    if (part.empty()) return {};
    const ObjectFields& fields = settings_.fields.of(updates[part.front()].type);
    json::array records;
    for (const std::size_t i : part) records.push_back(record_of(updates[i], fields));
    const auto answer = session_.call("PATCH", "/composite/sobjects/" + fields.object + "/" + fields.key,
                                      write_json(json::object{{"allOrNone", false}, {"records", std::move(records)}}));
    if (!answer) return fail(answer.error());
    if (!answer->is_array() || answer->get_array().size() != part.size())
      return fail(Code::crm_failed, "not one result for each of {} records: {}", part.size(), write_json(*answer).substr(0, 200));
    for (std::size_t n = 0; n < part.size(); ++n) {
      auto result = judge(answer->get_array()[n]);
      if (!result) return fail(std::move(result.error()));
      results[part[n]] = std::move(*result);
    }
    return {};
  }

  /// A rule of the org refused them. When it was the one that keeps an older place out, somebody came between our look and our
  /// write: the look, taken again, tells.
  Status forgive_overtaken(const std::vector<Update>& updates, const Part& part, std::vector<DeliveryResult>& results) {
    Part refused;
    for (const std::size_t i : part)
      if (results[i].state == Delivered::refused &&
          results[i].detail.find("FIELD_CUSTOM_VALIDATION_EXCEPTION") != std::string::npos)
        refused.push_back(i);
    return refused.empty() ? Status() : pass_over_known(updates, refused, results);
  }

  /// Errors are judged by their codes alone: a message may quote anything.
  static Result<DeliveryResult> judge(const json::value& entry) {
    const json::value* success = entry.is_object() ? entry.get_object().if_contains("success") : nullptr;
    if (!success || !success->is_bool()) return fail(Code::crm_failed, "a result without success: {}", write_json(entry));
    if (success->get_bool()) return DeliveryResult{Delivered::ok, {}};
    const json::value* errors = entry.get_object().if_contains("errors");
    const bool passes = errors && errors->is_array() && !errors->get_array().empty() &&
                        std::all_of(errors->get_array().begin(), errors->get_array().end(),
                                    [](const json::value& error) { return is_passing(error_code_of(json::array{error})); });
    return DeliveryResult{passes ? Delivered::retry : Delivered::refused, write_json(entry)};
  }

  Query query() {
    return [this](const std::string& soql) { return query_all(session_, "query", soql); };
  }

  // ---- changed_since -------------------------------------------------------------------------------------------------

  Status take_changed(const std::string& type, Time since, Time now, Changes& changes) {
    const ObjectFields& fields = settings_.fields.of(type);
    const std::string select = "SELECT " + select_of(fields) + " FROM " + fields.object + " WHERE ";
    auto found =
        query_all(session_, "queryAll", select + "SystemModstamp >= " + soql_time(since) + " ORDER BY SystemModstamp, Id");
    if (!found) return fail(std::move(found.error()));
    std::set<std::string> ids;
    for (const json::value& entry : *found)
      if (const json::value* id = entry.is_object() ? entry.get_object().if_contains("Id") : nullptr; id && id->is_string())
        ids.insert(std::string(same_id(id->get_string())));
    BS_TRY(take_listed(fields, select, since, now, ids, *found, changes.covered));
    // What changes while we read is named by a later page again: the last one counts. What has no name is none of ours.
    std::map<std::string, ChangedRecord> last;
    for (const json::value& entry : *found) {
      auto record = read_record(type, entry, fields);
      if (!record) return fail(std::move(record.error()));
      if (!record->record.external_id.empty()) last[record->record.external_id] = std::move(*record);
    }
    for (auto& [name, record] : last) changes.records.push_back(std::move(record));
    return {};
  }

  /// A query sees what is committed; the change lists also tell of what became visible behind its own time. Whoever they name
  /// and the query does not is read by id. They may stand still for hours: then it is said until when nothing is missing.
  Status take_listed(const ObjectFields& fields, const std::string& select, Time since, Time now,
                     const std::set<std::string>& ids, json::array& found, Time& covered) {
    std::string names;
    for (const char* what : {"updated", "deleted"}) {
      const auto list = change_list(session_, fields.object, what, since, now, now);
      if (!list) return fail(list.error());
      covered = std::min(covered, list->covered);
      if (list->covered.ms() + lag_ms < now.ms())
        log_warn("crm_coverage", "object={} what={} covered={}: later changes may be missing", fields.object, what,
                 rfc3339(list->covered));
      for (const std::string& id : list->ids)
        if (!ids.contains(std::string(same_id(id)))) names += (names.empty() ? "" : ",") + soql_text(id);
    }
    // The lists begin at a whole minute, so most of what they name beyond the query lies before `since`.
    for (std::size_t from = 0; from < names.size();) {
      std::size_t end = names.size() - from > query_bytes_max ? names.rfind(',', from + query_bytes_max) : names.size();
      const auto more =
          query_all(session_, "queryAll",
                    select + "Id IN (" + names.substr(from, end - from) + ") AND SystemModstamp >= " + soql_time(since));
      if (!more) return fail(more.error());
      found.insert(found.end(), more->begin(), more->end());
      from = end + 1;
    }
    return {};
  }

  const SalesforceSettings settings_;
  Session session_;
};

Status check_fields(const FieldTable& table) {
  for (const ObjectFields* fields : {&table.order, &table.line, &table.asset}) {
    if (fields->object.empty() || fields->key.empty())
      return fail(Code::config_invalid, "crm.fields: an object without name or key");
    for (const char* needed : {"state", "epoch", "version", "body"}) {
      const FieldRule* rule = fields->rule_of(needed);
      if (!rule || rule->owner == Owner::crm)
        return fail(Code::config_invalid, "crm.fields: {} has no field for {} that is ours to write", fields->object, needed);
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Crm>> open_salesforce_crm(const SalesforceSettings& settings) {
  BS_TRY(check_fields(settings.fields));
  if (const auto signs = sign_rs256(settings.private_key_pem, "."); !signs)
    return fail(Code::config_invalid, "crm.key: {}", signs.error().detail);
  return std::make_unique<SalesforceCrm>(settings);
}

}  // namespace backstitch::crm
