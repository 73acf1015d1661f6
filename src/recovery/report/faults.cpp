// Why a recovery is not proven, in numbered words.
#include "base/json.h"
#include "recovery/report/report.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string words(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : value.is_null() ? std::string("?") : write_json(value);
}

}  // namespace

std::vector<Error> report_faults(const Report& report) {
  std::vector<Error> faults;
  if (report.at("undone").as_bool()) return faults;
  for (const json::value& sum : report.at("conservation").as_array())
    if (sum.at("difference").to_number<std::int64_t>() != 0)
      faults.push_back({Code::conservation_broken,
                        fmt::format("{}: {} known, {} not accounted for", words(sum.at("of")), words(sum.at("known")),
                                    words(sum.at("difference"))),
                        {}});
  for (const json::value& invariant : report.at("invariants").as_array())
    if (!invariant.at("ok").as_bool())
      faults.push_back(
          {Code::invariant_violated,
           fmt::format("{} {}: {} rows", words(invariant.at("id")), words(invariant.at("title")), words(invariant.at("count"))),
           {}});
  const json::value* unexplained = report.at("accounts").as_object().if_contains("unexplained");
  if (unexplained && unexplained->to_number<std::int64_t>() > 0)
    faults.push_back(
        {Code::conservation_broken, fmt::format("{} accounts differ and nothing explains it", words(*unexplained)), {}});
  for (const json::value& gap : report.at("window").at("evidenceGaps").as_array())
    faults.push_back({Code::evidence_gap,
                      fmt::format("{} from {} to {}: {}", words(gap.at("store")), words(gap.at("from")), words(gap.at("to")),
                                  words(gap.at("why"))),
                      {}});
  return faults;
}

}  // namespace backstitch::recovery
