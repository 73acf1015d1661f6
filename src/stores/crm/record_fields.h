// One record of the CRM by the field table: what we write of an update, and what we read of a record.
#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stores/crm/changes.h"

namespace backstitch::crm {

/// {"attributes":{"type"},KEY,…}: the fields that are ours, of what the update says. An order that was told of was submitted, so
/// what is theirs until then is ours.
boost::json::object record_of(const Update& update, const ObjectFields& fields);
/// Fields to be read, the key and SystemModstamp among them.
std::string select_of(const ObjectFields& fields);
/// Code::crm_failed: no key, no time of change.
Result<ChangedRecord> read_record(const std::string& type, const boost::json::value& entry, const ObjectFields& fields);

/// What we sent stands in the body; empty where we have sent nothing.
std::vector<Difference> differences(const boost::json::object& entry, const ObjectFields& fields);

/// 'text' for a query, with its quotes.
std::string soql_text(std::string_view text);
/// 2026-11-23T05:21:00.000Z
std::string soql_time(Time time);

}  // namespace backstitch::crm
