#include "stores/database/history/records.h"

#include <gtest/gtest.h>

#include "stores/database/history/log_lines.h"

namespace backstitch::database {
namespace {

using Kind = WalRecord::Kind;

WalRecord parse(const std::string& manager, const std::string& what, int xid = 730) {
  return parse_record(fmt::format(
      "rmgr: {:<11} len (rec/tot):     59/    59, tx: {:>10}, lsn: 1/01526300, prev 1/015262B8, desc: {}", manager, xid, what));
}

TEST(Records, RowsOfARelation) {
  const std::string file = ", blkref #0: rel 1663/5/16390 blk 0 FPW";
  struct Case {
    const char *manager, *what, *operation;
    std::int64_t count;
  };
  for (const Case& row :
       {Case{"Heap", "INSERT off 2 flags 0x08", "insert", 1}, Case{"Heap", "INSERT+INIT off 1 flags 0x08", "insert", 1},
        Case{"Heap", "UPDATE+INIT off 9 xmax 731 flags 0x18 KEYS_UPDATED ; new off 13 xmax 0", "update", 1},
        Case{"Heap", "HOT_UPDATE off 3 xmax 730 flags 0x10 ; new off 9 xmax 0", "update", 1},
        Case{"Heap", "DELETE off 6 flags 0x04 KEYS_UPDATED ", "delete", 1},
        Case{"Heap2", "MULTI_INSERT 3 tuples flags 0x0A", "insert", 3},
        Case{"Heap2", "MULTI_INSERT+INIT 61 tuples flags 0x02", "insert", 61},
        Case{"Heap2", "MULTI_INSERT ntuples: 4, flags: 0x0A, offsets: [1, 2, 3, 4]", "insert", 4}}) {
    const WalRecord record = parse(row.manager, row.what + file);
    EXPECT_EQ(record.kind, Kind::rows) << row.what;
    EXPECT_EQ(record.operation, row.operation) << row.what;
    EXPECT_EQ(record.count, row.count) << row.what;
    EXPECT_EQ(record.file, (RelationFile{5, 16390})) << row.what;
    EXPECT_EQ(record.xid, 730u);
    EXPECT_EQ(record.place, 0x101526300u);
  }
  for (const char* what : {"LOCK off 1: xid 730: flags 0x00 LOCK_ONLY EXCL_LOCK ", "INPLACE off 5", "CONFIRM off 3"})
    EXPECT_EQ(parse("Heap", what + file).kind, Kind::other) << what;
  for (const char* what :
       {"PRUNE latestRemovedXid 3 nredirected 0 ndead 1", "VISIBLE cutoff xid 0 flags 0x01", "VACUUM nunused 3"})
    EXPECT_EQ(parse("Heap2", what + file).kind, Kind::other) << what;
}

TEST(Records, EndsOfTransactions) {
  const WalRecord commit =
      parse("Transaction",
            "COMMIT 2026-11-27 02:46:54.540826 UTC; rels: base/5/16388 pg_tblspc/16401/PG_15_202209061/6/16389; "
            "subxacts: 727 728; dropped stats: 2/5/16389; inval msgs: catcache 55 catcache 54");
  EXPECT_EQ(commit.kind, Kind::commit);
  EXPECT_EQ(rfc3339(commit.at), "2026-11-27T02:46:54.540826Z");
  EXPECT_EQ(commit.subtransactions, (std::vector<std::uint32_t>{727, 728}));
  EXPECT_EQ(commit.dropped, (std::vector<RelationFile>{{5, 16388}, {6, 16389}}));
  const WalRecord prepared = parse("Transaction", "COMMIT_PREPARED 742: 2026-11-27 02:46:54.540826 UTC; subxacts: 743", 0);
  EXPECT_EQ(prepared.kind, Kind::commit);
  EXPECT_EQ(prepared.xid, 742u);
  EXPECT_EQ(prepared.at, commit.at);
  EXPECT_EQ(prepared.subtransactions, (std::vector<std::uint32_t>{743}));
  EXPECT_EQ(parse("Transaction", "ABORT 2026-11-27 02:46:54.540826 UTC").kind, Kind::abort);
  EXPECT_EQ(parse("Transaction", "ABORT_PREPARED 742: 2026-11-27 02:46:54.540826 UTC").xid, 742u);
  EXPECT_EQ(parse("Transaction", "PREPARE gid pp: 2026-11-27 02:46:54.784800 UTC").kind, Kind::other);
  EXPECT_EQ(parse("Transaction", "INVALIDATION ; inval msgs: catcache 80").kind, Kind::other);
}

TEST(Records, WhatElseCounts) {
  const WalRecord message =
      parse("LogicalMessage", R"(MESSAGE transactional, prefix "backstitch"; payload (4 bytes): 74 75 72 6E)");
  EXPECT_EQ(message.kind, Kind::message);
  EXPECT_EQ(message.prefix, "backstitch");
  EXPECT_EQ(message.payload, "turn");
  EXPECT_EQ(parse("LogicalMessage", R"(MESSAGE non-transactional, prefix "backstitch"; payload (0 bytes): )").kind, Kind::other);
  EXPECT_EQ(parse("Heap", "TRUNCATE nrelids 2 relids 16384 16390").relations, (std::vector<std::uint32_t>{16384, 16390}));
  EXPECT_EQ(parse("Heap", "TRUNCATE flags: [], nrelids: 1, relids: [16384]").relations, (std::vector<std::uint32_t>{16384}));
  EXPECT_EQ(parse("Storage", "CREATE base/5/16391").file, (RelationFile{5, 16391}));
  EXPECT_EQ(parse("Storage", "TRUNCATE base/5/16391 to 0 blocks flags 7").kind, Kind::other);
  EXPECT_EQ(parse("Standby", "RUNNING_XACTS nextXid 739 latestCompletedXid 738 oldestRunningXid 739").next_xid, 739u);
  EXPECT_EQ(parse_record("first record is after 0/1000000, at 0/1000028, skipping over 40 bytes").kind, Kind::other);
}

TEST(Lsn, IsReadAsItIsWritten) {
  const auto lsn = Lsn::parse("2:1/3000148");
  ASSERT_TRUE(lsn.has_value());
  EXPECT_EQ(*lsn, (Lsn{2, 0x103000148}));
  EXPECT_EQ(lsn->text(), "2:1/3000148");
  EXPECT_EQ(lsn->place_text(), "1/3000148");
  for (const char* text : {"", "1/3000148", "0:1/3000148", "1:/3", "1:3/", "1:3/x", "1:1/123456789", "a:1/2", "1/2:3"})
    EXPECT_FALSE(Lsn::parse(text).has_value()) << text;
}

TEST(LogLines, AreReadWithRoleAndTransaction) {
  const LogEntry entry =
      parse_log_line("2026-11-27 02:46:54.322 UTC [14084] night batch xid=726 STATEMENT:  delete from item:  x");
  EXPECT_EQ(rfc3339(entry.at), "2026-11-27T02:46:54.322000Z");
  EXPECT_EQ(entry.pid, 14084);
  EXPECT_EQ(entry.role, "night batch");
  EXPECT_EQ(entry.xid, 726u);
  EXPECT_EQ(entry.level, "STATEMENT");
  EXPECT_EQ(entry.text, "delete from item:  x");
  const LogEntry server = parse_log_line("2026-11-27 02:46:54.322 UTC [1] LOG:  database system is ready");
  EXPECT_EQ(server.role, "");
  EXPECT_EQ(server.level, "LOG");
  EXPECT_FALSE(parse_log_line("\twhere id = 1").at.is_set());
}

}  // namespace
}  // namespace backstitch::database
