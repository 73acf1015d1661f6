#include "model/access.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace backstitch {
namespace {

TEST(Grants, AreThoseOfTheTable) {
  for (const Resource& resource : resources()) {
    for (const char* action : resource.actions) EXPECT_TRUE(check_grant({resource.name, action, ""})) << resource.name << action;
    for (const GuardedField& field : resource.fields) EXPECT_TRUE(check_grant({resource.name, "read", field.name})) << field.name;
    EXPECT_TRUE(check_grant({resource.name, "*", "*"}));
    EXPECT_TRUE(std::any_of(resource.actions.begin(), resource.actions.end(), [](const char* action) {
      return std::string_view(action) == "read";
    })) << resource.name;
  }
  for (const Grant& grant : std::initializer_list<Grant>{{"*", "*", "*"}, {"*", "read", ""}, {"*", "drain", ""}})
    EXPECT_TRUE(check_grant(grant)) << grant.text();
  for (const Grant& grant : std::initializer_list<Grant>{{"", "", ""},
                                                         {"items", "", ""},
                                                         {"items", "melt", ""},
                                                         {"*", "melt", ""},
                                                         {"*", "read", "doc"},
                                                         {"items", "read", "doc"}})
    EXPECT_EQ(check_grant(grant).error().code, Code::grant_invalid) << grant.text();
}

TEST(Permissions, CoverWhatIsAskedAndNothingElse) {
  const Permissions some({{"items", "*", ""}, {"*", "read", ""}});
  EXPECT_TRUE(some.may("items", "fail"));
  EXPECT_TRUE(some.may("queues", "read"));
  EXPECT_FALSE(some.may("queues", "drain"));
  EXPECT_FALSE(Permissions().may("items", "read"));
  EXPECT_TRUE(Permissions::everything().may("grants", "change"));
}

TEST(Permissions, AGuardedFieldWantsAGrantOfItsOwn) {
  const Permissions plain({{"inventory", "read", ""}}), one({{"inventory", "read", ""}, {"inventory", "read", "attributes"}});
  EXPECT_FALSE(plain.sees("inventory", "serviceRecord"));
  EXPECT_TRUE(one.sees("inventory", "attributes"));
  EXPECT_FALSE(one.sees("inventory", "serviceRecord"));
  EXPECT_EQ(one.hidden_members("inventory"), std::vector<std::string_view>{"serviceRecord"});
  EXPECT_TRUE(Permissions::everything().hidden_members("inventory").empty());
  const Permissions field_alone({{"inventory", "read", "serviceRecord"}});
  EXPECT_FALSE(field_alone.may("inventory", "read")) << "sight of a field opens no route";
}

TEST(AccessNames, AreShortAndPlain) {
  EXPECT_TRUE(check_access_name("user", "ann.b_c-d@example"));
  for (const std::string& wrong :
       {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a\nb"), std::string("*")})
    EXPECT_FALSE(check_access_name("user", wrong)) << wrong;
}

}  // namespace
}  // namespace backstitch
