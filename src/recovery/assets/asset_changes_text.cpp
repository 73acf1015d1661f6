// Asset changes as JSON and CSV: one place, so that the API and the command line say the same to the byte.
#include "base/json.h"
#include "recovery/assets/asset_changes.h"

namespace backstitch::recovery {
namespace {

/// Joins members of an object or fields of a line.
void add_member(std::string& out, const char* name, std::string_view text) {
  if (out.back() != '{') out += ',';
  out += fmt::format("\"{}\":", name);
  append_json_string(out, text);
}

void add_raw(std::string& out, const char* name, std::string_view raw) {
  if (out.back() != '{') out += ',';
  out += fmt::format("\"{}\":{}", name, raw);
}

void add_time(std::string& out, const char* name, Time time) {
  time.is_set() ? add_member(out, name, rfc3339(time)) : add_raw(out, name, "null");
}

std::string gap_json(const AssetGap& gap) {
  std::string out = "{";
  add_raw(out, "partition", std::to_string(gap.partition));
  add_member(out, "fromOffset", std::to_string(gap.from)), add_member(out, "toOffset", std::to_string(gap.to));
  add_time(out, "from", gap.from_at), add_time(out, "to", gap.to_at);
  add_member(out, "why", gap.why);
  return out + "}";
}

std::string change_json(const AssetChange& change) {
  std::string out = "{";
  add_member(out, "assetId", change.asset_id), add_member(out, "assetRef", change.reference);
  add_member(out, "accountId", change.account), add_member(out, "product", change.product);
  add_member(out, "orderId", change.order), add_member(out, "lineId", change.line);
  add_member(out, "action", change.action), add_member(out, "state", change.state);
  add_raw(out, "before", change.before), add_raw(out, "after", change.after);
  add_raw(out, "serviceRecord", change.service_record);
  add_member(out, "at", rfc3339(change.at));
  add_raw(out, "partition", std::to_string(change.partition));
  add_member(out, "offset", std::to_string(change.offset));
  add_raw(out, "epoch", std::to_string(change.epoch));
  add_member(out, "version", std::to_string(change.version));
  return out + "}";
}

template <class All, class Write>
std::string array_of(const All& all, Write write) {
  std::string out = "[";
  for (const auto& one : all) out += (out.size() > 1 ? "," : "") + write(one);
  return out + "]";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i) out += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += fields[i];
      continue;
    }
    out += '"';
    for (const char c : fields[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  return out + "\r\n";
}

std::string time_text(Time time) { return time.is_set() ? rfc3339(time) : ""; }

}  // namespace

std::string asset_changes_json(const AssetChanges& changes) {
  std::string out = "{";
  add_member(out, "schema", "assets.changes/1");
  add_time(out, "from", changes.from), add_time(out, "to", changes.to);
  add_raw(out, "gaps", array_of(changes.gaps, gap_json));
  add_raw(out, "items", array_of(changes.items, change_json));
  return out + "}\n";
}

std::string asset_changes_csv(const AssetChanges& changes) {
  std::string out = csv_line({"kind",     "partition", "offset",        "toOffset", "at",      "toAt",   "assetId",
                              "assetRef", "accountId", "product",       "orderId",  "lineId",  "action", "state",
                              "before",   "after",     "serviceRecord", "epoch",    "version", "why"});
  for (const AssetGap& gap : changes.gaps)
    out += csv_line({"gap",
                     std::to_string(gap.partition),
                     std::to_string(gap.from),
                     std::to_string(gap.to),
                     time_text(gap.from_at),
                     time_text(gap.to_at),
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     "",
                     gap.why});
  for (const AssetChange& change : changes.items)
    out += csv_line({"change",
                     std::to_string(change.partition),
                     std::to_string(change.offset),
                     "",
                     rfc3339(change.at),
                     "",
                     change.asset_id,
                     change.reference,
                     change.account,
                     change.product,
                     change.order,
                     change.line,
                     change.action,
                     change.state,
                     change.before,
                     change.after,
                     change.service_record,
                     std::to_string(change.epoch),
                     std::to_string(change.version),
                     ""});
  return out;
}

Result<std::string> asset_changes_text(const AssetChanges& changes, std::string_view format) {
  if (format.empty() || format == "json") return asset_changes_json(changes);
  if (format == "csv") return asset_changes_csv(changes);
  return fail(Code::usage, "format \"{}\" is neither json nor csv", format);
}

}  // namespace backstitch::recovery
