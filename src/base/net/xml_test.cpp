#include "base/net/xml.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

TEST(Xml, FindsElementsByTheirWholeName) {
  const std::string text =
      "<?xml version=\"1.0\"?><List "
      "xmlns=\"x\"><KeyCount>2</KeyCount><Contents><Key>a&amp;b&#x2F;&#43;&lt;</Key><Size>1</Size></Contents>"
      "<Contents><Key>c</Key></Contents><Prefix/><Next></Next></List>";
  EXPECT_EQ(xml_elements(text, "Contents").size(), 2u);
  EXPECT_EQ(xml_text(xml_elements(text, "Contents").at(0), "Key"), "a&b/+<");
  EXPECT_EQ(xml_text(xml_elements(text, "Contents").at(1), "Key"), "c");
  EXPECT_EQ(xml_text(text, "KeyCount"), "2");
  EXPECT_EQ(xml_text(text, "Prefix"), "");
  EXPECT_EQ(xml_elements(text, "Prefix").size(), 1u);
  EXPECT_EQ(xml_text(text, "Next"), "");
  EXPECT_EQ(xml_text(text, "None"), "");
}

TEST(Xml, HalfAnAnswerHoldsWhatIsWhole) {
  const std::string text = "<A><B>1</B><B>2</B>";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::size_t whole = size >= 19 ? 2 : size >= 11 ? 1 : 0;
    EXPECT_EQ(xml_elements(text.substr(0, size), "B").size(), whole) << size;
  }
}

}  // namespace
}  // namespace backstitch
