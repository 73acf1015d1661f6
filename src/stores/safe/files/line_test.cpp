#include "stores/safe/files/line.h"

#include <gtest/gtest.h>

namespace backstitch::safe::files {
namespace {

TEST(Line, EscapesAsCopyDoes) {
  std::string out;
  append_escaped(out, "a\tb\nc\rd\\e");
  EXPECT_EQ(out, R"(a\tb\nc\rd\\e)");
  EXPECT_EQ(unescaped(out), "a\tb\nc\rd\\e");
  EXPECT_FALSE(unescaped("a\\"));
  EXPECT_FALSE(unescaped("a\\x"));
}

TEST(Line, ComesBackUnderItsOwnSeedOnly) {
  std::string text;
  append_line(text, 7, 42, "pay\tload");
  ASSERT_EQ(text.back(), '\n');
  text.pop_back();
  const auto line = read_line(text, 7);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->number, 42u);
  EXPECT_EQ(line->payload, "pay\tload");
  EXPECT_FALSE(read_line(text, 8));
  EXPECT_FALSE(read_line(text.substr(0, text.size() - 1), 7));
  EXPECT_FALSE(read_line("", 7));
}

TEST(Line, ARecordHasFiveFields) {
  const queue::Record record{9, Time{1'800'000'000'000'001}, "A\t1", "incoming.submit/1", "", "{\n}"};
  const std::string payload = record_payload(record);
  const auto back = record_of({9, payload});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->key, record.key);
  EXPECT_EQ(back->value, record.value);
  EXPECT_EQ(back->appended, record.appended);
  EXPECT_FALSE(record_of({9, payload + "\tone more"}));
  EXPECT_FALSE(record_of({9, payload.substr(0, payload.rfind('\t'))}));
  EXPECT_FALSE(record_of({9, "yesterday" + payload}));
}

}  // namespace
}  // namespace backstitch::safe::files
