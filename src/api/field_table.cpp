#include "api/field_table.h"

#include <yaml-cpp/yaml.h>

#include <set>

namespace backstitch {
namespace {

constexpr const char* format_name = "backstitch.crm-fields/1";

class Reader {
 public:
  explicit Reader(const YAML::Node& document) : document_(document) {}

  crm::ObjectFields object(const std::string& section) {
    crm::ObjectFields out;
    const YAML::Node node = member(document_, section);
    if (!node.IsMap()) {
      fault("/" + section, "must be a map with object, key and fields");
      return out;
    }
    out.object = text(node, "object", "/" + section), out.key = text(node, "key", "/" + section);
    const YAML::Node fields = member(node, "fields");
    if (!fields.IsSequence()) fault("/" + section + "/fields", "must be a list");
    std::set<std::string> seen{out.key};
    for (std::size_t i = 0; fields.IsSequence() && i < fields.size(); ++i) {
      const std::string place = fmt::format("/{}/fields/{}", section, i);
      crm::FieldRule rule = this->rule(fields[i], place);
      if (!seen.insert(rule.field).second) fault(place + "/crm", rule.field + " stands here twice");
      if (out.rule_of(rule.ours)) fault(place + "/ours", rule.ours + " stands here twice");
      out.rules.push_back(std::move(rule));
    }
    for (const char* needed : {"state", "epoch", "version", "body"}) {
      const crm::FieldRule* rule = out.rule_of(needed);
      if (!rule || rule->owner == crm::Owner::crm)
        fault("/" + section + "/fields", fmt::format("no field of ours for {}", needed));
    }
    return out;
  }
  void head() {
    const YAML::Node node = member(document_, "format");
    if (!node.IsScalar() || node.Scalar() != format_name) fault("/format", fmt::format("must be {}", format_name));
  }
  std::vector<Fault> faults;

 private:
  static YAML::Node member(const YAML::Node& map, const std::string& name) {
    const YAML::Node found = map.IsMap() ? map[name] : YAML::Node();
    return found.IsDefined() ? found : YAML::Node();
  }
  std::string text(const YAML::Node& map, const std::string& name, const std::string& place) {
    const YAML::Node node = member(map, name);
    if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    fault(place + "/" + name, "is missing");
    return {};
  }
  crm::FieldRule rule(const YAML::Node& node, const std::string& place) {
    crm::FieldRule out{text(node, "ours", place), text(node, "crm", place)};
    const std::string owner = text(node, "owner", place);
    out.owner = owner == "us" ? crm::Owner::us : owner == "crm" ? crm::Owner::crm : crm::Owner::crm_until_submitted;
    if (owner != to_text(out.owner)) fault(place + "/owner", "must be crm, us or crm-until-submitted");
    const YAML::Node as = member(node, "as");
    const std::string kind = as.IsScalar() ? as.Scalar() : "text";
    out.kind = kind == "number" ? crm::FieldKind::number
               : kind == "time" ? crm::FieldKind::time
               : kind == "date" ? crm::FieldKind::date
                                : crm::FieldKind::text;
    if (kind != "text" && out.kind == crm::FieldKind::text) fault(place + "/as", "must be text, number, time or date");
    return out;
  }
  void fault(std::string place, std::string what) { faults.push_back({std::move(place), Code::config_invalid, std::move(what)}); }

  const YAML::Node document_;
};

}  // namespace

Result<crm::FieldTable> read_field_table(std::string_view yaml) {
  try {
    Reader reader(YAML::Load(std::string(yaml)));
    reader.head();
    crm::FieldTable table{reader.object("order"), reader.object("line"), reader.object("asset")};
    if (reader.faults.empty()) return table;
    const Fault& first = reader.faults.front();
    Error error{Code::config_invalid,
                fmt::format("the table of CRM fields has {} faults, the first at {}: {}", reader.faults.size(), first.pointer,
                            first.detail),
                std::move(reader.faults)};
    return fail(std::move(error));
  } catch (const YAML::Exception& broken) {
    return fail(Code::config_invalid, "the table of CRM fields is no YAML: {}", broken.what());
  }
}

}  // namespace backstitch
