// The recording of a real Riak (tests/contract/riak), played to the stand-in and to the adapter.
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>

#include "base/files.h"
#include "base/process.h"
#include "riak_house.h"

namespace backstitch::cache {
namespace {

using standin::WireRequest;
const std::string folder = RIAK_CONTRACT;
const std::string not_here = "## counter data type";

/// The answer under a title of the transcript, as bytes on the wire; a body with "| " before each line is as long as its header
/// says.
std::string recorded_answer(const std::string& transcript, const std::string& title) {
  const auto begin = transcript.find("## " + title);
  EXPECT_NE(begin, std::string::npos) << title;
  std::istringstream lines(transcript.substr(begin, transcript.find("\n## ", begin) - begin + 1));
  std::string line, head, body;
  std::getline(lines, line);
  while (std::getline(lines, line))
    if (line.starts_with("   | "))
      body += line.substr(5) + "\n";
    else if (line.starts_with("   "))
      head += line.substr(3) + "\r\n";
  const auto length = head.find("Content-Length: ");
  body.resize(length == std::string::npos ? 0 : std::stoul(head.substr(length + 16)));
  return head + "\r\n" + body;
}

/// A request without what differs between any two clients, and what a cache has no use for.
std::string comparable(const WireRequest& request) {
  std::istringstream lines(request.head);
  std::string out;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("Host:") && !line.starts_with("User-Agent:") && !line.starts_with("x-riak-index")) out += line + "\n";
  return out + request.body;
}

class RiakRecording : public ::testing::Test {
 protected:
  /// Runs the script against a node that draws what the real one has drawn, at its times.
  static void SetUpTestSuite() {
    transcript = read_file(folder + "/riak_http_transcript.txt").value();
    std::map<std::string, std::deque<std::string>> drawn{
        {"clock",
         {"a85hYGBgzGDKBVI8S7+En0h+OXkFRCiRMY+VYalRxRO+LAA=", "of the second write", "of the posted key",
          "a85hYGBgzGDKBVI8S7+En0h+OXkFRCiROY+VYZlRxRO+LAA=", "of what expires",
          "a85hYGBgzGDKBVI8S7+En0h+Oe0CkM2UwZTImMfKsNao4glfFgA=", "a85hYGBgzGDKBVI8S7+En0h+Oe0CkM2UwZTIlMfKsNao4glfFgA=",
          "a85hYGBgzGDKBVI8S7+En0h+Oe0CkM2UwZTInMfKsNao4glfFgA="}},
        {"etag",
         {"fjcsmw6ePeCLpxEvjgwGl", "of the second write", "of the posted key", "of the tombstone", "of what expires",
          "33bHi9IzFFpwFPW9wiil7b", "1vGbVYmtTtPs8V6sSyPI1R", "37kpducT9hozZ7SBFlAFR8", "2Ui453w4bzqaNTVr3nNp9k"}},
        {"key", {"AdSXhBupbqZq28bNjrQbdO3I2US"}},
        {"boundary", {"LNEj1F5Ni2GvUlAIcP5KtzQBKTE"}}};
    std::atomic<int> asked{0};
    constexpr int asked_before_the_pause = 16;
    standin::RiakNode node({.session_expiry_ms = 4'000,
                            .flaws = {},
                            .clock =
                                [&] {
                                  const bool later = asked > asked_before_the_pause;
                                  return parse_rfc3339(later ? "2026-11-23T03:44:45Z" : "2026-11-23T03:44:37Z").value();
                                },
                            .draw =
                                [&](const std::string& kind) {
                                  const std::string next = drawn.at(kind).front();
                                  drawn.at(kind).pop_front();
                                  return next;
                                }});
    const standin::Wire wire([&](const WireRequest& request) { return ++asked, node.handle(request); });
    const Command script{.argv = {"bash", folder + "/riak_contract.sh", fmt::format("http://127.0.0.1:{}", wire.port())},
                         .env = {{"BASH_FUNC_sleep%%", "() { :; }"}}};
    const auto done = run(script, 60'000);
    ASSERT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
    said = done->out;
    requests = node.requests();
    for (const auto& [kind, left] : drawn) EXPECT_TRUE(left.empty()) << kind;
  }
  static inline std::string transcript, said;
  static inline std::vector<WireRequest> requests;
};

TEST_F(RiakRecording, TheStandInAnswersByteForByte) {
  const std::string expected = transcript.substr(0, transcript.find(not_here));
  ASSERT_GT(expected.size(), 8'000u);
  EXPECT_EQ(said.substr(0, said.find(not_here)), expected);
}

/// Answers with the recording, and compares what it is asked with what the script has asked.
class Player {
 public:
  explicit Player(const std::string& transcript, const std::vector<WireRequest>& requests)
      : transcript_(transcript), requests_(requests), wire_([this](const WireRequest& request) { return play(request); }) {}
  /// `number`: which request of the script it was. Nothing is compared where it is 0.
  void expect(int number, const std::string& title) { next_.emplace_back(number, title); }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", wire_.port()); }
  bool is_over() const { return next_.empty(); }

 private:
  std::optional<std::string> play(const WireRequest& request) {
    if (next_.empty()) return std::nullopt;
    const auto [number, title] = next_.front();
    next_.pop_front();
    if (number > 0) {
      EXPECT_EQ(comparable(request), comparable(requests_.at(static_cast<std::size_t>(number - 1)))) << title;
    }
    return recorded_answer(transcript_, title);
  }
  const std::string& transcript_;
  const std::vector<WireRequest>& requests_;
  std::deque<std::pair<int, std::string>> next_;
  standin::Wire wire_;
};

class RiakReplay : public RiakRecording {
 protected:
  std::string read(const RiakPlace& place, bool for_update = false) {
    const auto found = objects.read(place, for_update, soon());
    if (!found) return code_text(found.error().code);
    std::string out;
    for (const Sibling& sibling : found->siblings) out += sibling.body + ";";
    clock = found->clock;
    return out;
  }
  std::string write(const RiakPlace& place, const RiakWrite& what) {
    const auto written = objects.write(place, what, soon());
    return written ? (*written ? "written" : "moved") : code_text(written.error().code);
  }
  std::string remove(const RiakPlace& place, const std::string& with_clock) {
    const Status removed = objects.remove(place, with_clock, soon());
    return removed ? "removed" : code_text(removed.error().code);
  }
  static std::int64_t soon() { return monotonic_ms() + 5'000; }

  Player node{transcript, requests};
  RiakObjects objects{node.url(), ""};
  const RiakPlace abc{"sessions", "s", "abc"}, none{"sessions", "s", "none"}, role{"grants", "g", "role1"};
  std::string clock;
};

TEST_F(RiakReplay, TheAdapterAsksAsRecordedAndUnderstandsTheAnswersOfOneValue) {
  node.expect(2, "GET missing key");
  EXPECT_EQ(read(none), "");
  node.expect(4, "GET session");
  EXPECT_EQ(read(abc), R"({"u":"ann"};)");
  const std::string first = clock;
  EXPECT_EQ(first, "a85hYGBgzGDKBVI8S7+En0h+OXkFRCiRMY+VYalRxRO+LAA=");
  node.expect(7, "PUT If-None-Match: *");
  EXPECT_EQ(write(abc, {"application/json", R"({"u":"eve"})", "", RiakCondition::absent}), "moved");
  node.expect(9, "PUT X-Riak-If-Not-Modified with the right vclock");
  EXPECT_EQ(write(abc, {"application/json", R"({"u":"ann","n":2})", first, RiakCondition::as_read}), "written");
  node.expect(10, "PUT X-Riak-If-Not-Modified with the old vclock");
  EXPECT_EQ(write(abc, {"application/json", R"({"u":"ann","n":3})", first, RiakCondition::as_read}), "moved");
  node.expect(13, "DELETE session");
  EXPECT_EQ(remove(abc, first), "removed");
  node.expect(14, "GET after delete");
  EXPECT_EQ(read(abc, true), "");
  EXPECT_EQ(clock, "a85hYGBgzGDKBVI8S7+En0h+OXkFRCiROY+VYZlRxRO+LAA=") << "the tombstone's";
  node.expect(15, "DELETE missing");
  EXPECT_EQ(remove(none, ""), "removed");
  node.expect(17, "GET a session past the backend's expiry");
  EXPECT_EQ(read({"sessions", "s", "exp"}), "");
  EXPECT_TRUE(node.is_over());
}

TEST_F(RiakReplay, TheAdapterAsksAsRecordedAndUnderstandsSiblings) {
  node.expect(19, "PUT grant B");
  EXPECT_EQ(write(role, {"text/plain", "B", ""}), "written");
  node.expect(20, "GET with siblings (300)");
  node.expect(21, "GET with siblings, all bodies");
  EXPECT_EQ(read(role), "A;B;");
  node.expect(22, "PUT resolved value with that vclock");
  EXPECT_EQ(write(role, {"text/plain", "A+B", clock}), "written");
  node.expect(23, "GET resolved");
  EXPECT_EQ(read(role), "A+B;");
  EXPECT_TRUE(node.is_over());
}

TEST_F(RiakReplay, WhatIsRefusedIsAnErrorAndNotAMiss) {
  node.expect(31, "unknown bucket type");
  EXPECT_EQ(read({"nope", "s", "x"}), "BS-1002");
  node.expect(0, "unknown bucket type");
  EXPECT_EQ(remove({"nope", "s", "x"}, ""), "BS-1002");
  node.expect(0, "PUT without Content-Type (400)");
  EXPECT_EQ(write(abc, {"text/plain", "x", ""}), "BS-1002");
  node.expect(0, "object over the size limit");
  EXPECT_EQ(write(abc, {"text/plain", "x", ""}), "BS-1104");
  RiakObjects of_three(node.url(), "3");
  node.expect(29, "quorum not met");
  const auto found = of_three.read(role, false, soon());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::config_invalid) << found.error().text();
  EXPECT_TRUE(node.is_over());
}

}  // namespace
}  // namespace backstitch::cache
