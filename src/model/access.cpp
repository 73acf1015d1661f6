#include "model/access.h"

#include <algorithm>

namespace backstitch {
namespace {

bool fits(std::string_view given, std::string_view asked) { return given == "*" || given == asked; }

bool has_action(const Resource& resource, std::string_view action) {
  return std::any_of(resource.actions.begin(), resource.actions.end(), [&](const char* name) { return action == name; });
}

bool has_field(const Resource& resource, std::string_view field) {
  return std::any_of(resource.fields.begin(), resource.fields.end(), [&](const auto& known) { return field == known.name; });
}

std::string listed(const std::vector<const char*>& names) {
  std::string out;
  for (const char* name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '@' ||
         c == '-';
}

}  // namespace

std::string Grant::text() const {
  std::string out = resource + " " + action;
  if (!field.empty()) out += " " + field;
  return out;
}

const std::vector<Resource>& resources() {
  // `orders doc` is the order as the customer gave it; `queues value` is the content of records, which holds the same, and
  // `recovery values` what a repair finds in rows of any table.
  static const std::vector<Resource> table = {
      {"orders", {"submit", "read", "freeze", "amend", "discard", "cancel"}, {{"doc", {"document", "doc", "crm"}}}},
      {"plans", {"read"}, {}},
      {"items", {"read", "retry", "complete", "fail", "mark-fatally-failed"}, {}},
      {"tasks", {"read", "claim", "complete", "reassign"}, {}},
      {"systems", {"read", "switch"}, {}},
      {"queues", {"read", "drain"}, {{"value", {"value"}}}},
      {"catalog", {"read", "import", "activate"}, {}},
      {"inventory", {"read", "repair"}, {{"serviceRecord", {"serviceRecord"}}, {"attributes", {"values", "attributes"}}}},
      {"assets", {"read", "repair"}, {{"attributes", {"values", "attributes"}}}},
      {"workers", {"read", "change"}, {}},
      {"grants", {"read", "change", "reload"}, {}},
      {"backups", {"read", "create"}, {}},
      {"recovery", {"read", "plan", "start", "settle", "repair"}, {{"values", {"live", "corrected"}}}},
      {"stores", {"read", "verify"}, {}},
      {"crm", {"read", "refresh"}, {}},
  };
  return table;
}

const Resource* find_resource(std::string_view name) {
  for (const Resource& resource : resources())
    if (name == resource.name) return &resource;
  return nullptr;
}

Status check_grant(const Grant& grant) {
  if (grant.resource == "*") {
    const bool fine = grant.action == "*" || std::any_of(resources().begin(), resources().end(), [&](const Resource& resource) {
                        return has_action(resource, grant.action);
                      });
    if (fine && (grant.field.empty() || grant.field == "*")) return {};
    return fail(Code::grant_invalid, "\"{}\": every resource goes with an action or *, and with the field * or none",
                grant.text());
  }
  const Resource* resource = find_resource(grant.resource);
  if (!resource) {
    std::vector<const char*> names;
    for (const Resource& known : resources()) names.push_back(known.name);
    return fail(Code::grant_invalid, "there is no resource \"{}\"; there are {}", grant.resource, listed(names));
  }
  if (grant.action != "*" && !has_action(*resource, grant.action))
    return fail(Code::grant_invalid, "{} has no action \"{}\"; it has {}", grant.resource, grant.action,
                listed(resource->actions));
  if (grant.field.empty() || grant.field == "*") return {};
  if (grant.action != "*" && grant.action != "read")
    return fail(Code::grant_invalid, "a field is read; \"{}\" has no fields", grant.action);
  if (has_field(*resource, grant.field)) return {};
  std::vector<const char*> names;
  for (const GuardedField& known : resource->fields) names.push_back(known.name);
  return fail(Code::grant_invalid, "{} has no guarded field \"{}\"; it has {}", grant.resource, grant.field,
              names.empty() ? "none" : listed(names));
}

Status check_access_name(std::string_view what, std::string_view name) {
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), is_name_character))
    return fail(Code::grant_invalid, "the {} \"{}\": 1 to 64 letters, digits and . _ @ - make a name", what, name.substr(0, 64));
  return {};
}

bool Permissions::may(std::string_view resource, std::string_view action) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return fits(grant.resource, resource) && fits(grant.action, action) && (grant.field.empty() || grant.field == "*");
  });
}

bool Permissions::sees(std::string_view resource, std::string_view field) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return fits(grant.resource, resource) && fits(grant.action, "read") && fits(grant.field, field);
  });
}

std::vector<std::string_view> Permissions::hidden_members(std::string_view resource) const {
  std::vector<std::string_view> out;
  if (const Resource* known = find_resource(resource))
    for (const GuardedField& field : known->fields)
      if (!sees(resource, field.name)) out.insert(out.end(), field.members.begin(), field.members.end());
  return out;
}

}  // namespace backstitch
