// The contract on all objects we have, and on some that are wrong; and what only files can show.
#include "contract/objects_contract.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/testing.h"
#include "contract/flaws.h"
#include "stores/objects/files/files_objects.h"
#include "stores/objects/strict_fake.h"
#include "stores/objects/wrong_fake.h"

namespace backstitch::objects {
namespace {

using backstitch::testing::ScratchFolder;

class ObjectsContract : public ::testing::TestWithParam<contract::ObjectsCase> {};

TEST_P(ObjectsContract, HoldsOnFiles) {
  const ScratchFolder folder;
  auto objects = open_files_objects(folder / "data/objects");
  ASSERT_TRUE(objects) << objects.error().text();
  EXPECT_EQ(GetParam().run(**objects), "");
}

TEST_P(ObjectsContract, HoldsOnTheStrictFake) {
  StrictFake objects;
  EXPECT_EQ(GetParam().run(objects), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, ObjectsContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongObjects, AreSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::cases(), all_wrongs(),
                                  [](const std::set<Wrong>& wrongs) { return WrongFake(wrongs); });
}

TEST(FilesObjects, EveryFlippedByteIsSeen) {
  const ScratchFolder folder;
  auto objects = open_files_objects(folder.path());
  ASSERT_TRUE((*objects)->put("catalog/1", "content\n"));
  const std::string whole = read_file(folder / "catalog/1").value();
  EXPECT_TRUE(whole.ends_with("\ncontent\n")) << "tail -n +2 prints the content";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    ASSERT_TRUE(std::ofstream(folder / "catalog/1", std::ios::binary) << damaged);
    EXPECT_EQ((*objects)->get("catalog/1").error().code, Code::checksum_mismatch) << "byte " << at;
  }
  ASSERT_TRUE(write_file_durably(folder / "catalog/1", whole.substr(0, whole.size() - 1)));
  EXPECT_EQ((*objects)->get("catalog/1").error().code, Code::checksum_mismatch) << "a cut end";
}

TEST(FilesObjects, WhatACrashLeftIsNoObject) {
  const ScratchFolder folder;
  auto objects = open_files_objects(folder.path());
  ASSERT_TRUE((*objects)->put_new("catalog/1", "x").value());
  ASSERT_TRUE(write_file_durably(folder / "catalog/.new.1.1", "half"));
  const auto left = (*objects)->list("");
  ASSERT_TRUE(left) << left.error().text();
  EXPECT_EQ(left->size(), 1u);
  EXPECT_EQ(list_folder(folder / "catalog").size(), 2u) << "put_new left something of its own";
}

TEST(StrictObjects, FailOnDemand) {
  StrictFake objects;
  objects.fail_next_write(Code::disk_full);
  EXPECT_EQ(objects.put("a", "x").error().code, Code::disk_full);
  ASSERT_TRUE(objects.put("a", "x"));
  objects.damage("a");
  EXPECT_EQ(objects.get("a").error().code, Code::checksum_mismatch);
  EXPECT_EQ(objects.put("a/b", "x").error().code, Code::file_failed);
}

}  // namespace
}  // namespace backstitch::objects
