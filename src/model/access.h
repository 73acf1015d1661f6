// Who may do what: a grant gives a profile an action on a resource, or sight of one of its guarded fields; a user has the grants
// of the profiles assigned. One static table says what there is to be granted; anything else is refused in words.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace backstitch {

/// What a request, or a person, asks for. The whole thing when `field` is empty; "*" stands for every resource, action or field.
struct Grant {
  std::string resource, action, field;
  auto operator<=>(const Grant&) const = default;
  std::string text() const;  // "items retry", "inventory read serviceRecord"
};

/// A field that only those see who hold a grant to it; `members` are its names in answers.
struct GuardedField {
  const char* name;
  std::vector<const char*> members;
};
struct Resource {
  const char* name;
  std::vector<const char*> actions;
  std::vector<GuardedField> fields;
};

/// Everything there is to be granted, in the order in which it is shown.
const std::vector<Resource>& resources();
const Resource* find_resource(std::string_view name);

inline constexpr std::string_view administrator_profile = "administrator";
inline constexpr std::string_view local_user = "local";  // who acts on the platform's own machine without a session

/// Code::grant_invalid with the nearest name when resource, action or field is none of the table.
Status check_grant(const Grant& grant);
/// Names of users and profiles: 1 … 64 of letters, digits and . _ @ -. Code::grant_invalid.
Status check_access_name(std::string_view what, std::string_view name);

/// The grants of one user. Immutable once made, so it may be read by any thread.
class Permissions {
 public:
  Permissions() = default;
  explicit Permissions(std::vector<Grant> grants) : grants_(std::move(grants)) {}
  static Permissions everything() { return Permissions({{"*", "*", "*"}}); }

  bool may(std::string_view resource, std::string_view action) const;
  bool sees(std::string_view resource, std::string_view field) const;
  /// Members of answers about the resource that must be left out.
  std::vector<std::string_view> hidden_members(std::string_view resource) const;
  const std::vector<Grant>& grants() const { return grants_; }

 private:
  std::vector<Grant> grants_;
};

}  // namespace backstitch
