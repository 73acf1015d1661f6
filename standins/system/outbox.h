// What an interface that calls back has to send, and when: results whose time has come, again and again until they are taken,
// word from halfway, and the same result twice. Time is a parameter, and nothing is sent from here.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "standins/system/book.h"
#include "standins/system/faults.h"

namespace backstitch::standin {

struct Letter {
  enum class Content { interim, result, repeated };  // only a result is sent again when nobody took it
  std::size_t effect = 0;                            // in the book
  Content content = Content::result;
  std::string key, url, body;
};

struct Round {
  std::vector<Letter> letters;
  Time next;  // when to look again, if nothing happens until then
};

/// Not thread-safe. One letter about a key's result is on its way at a time. A process begins with an empty outbox: what the book
/// says is waiting is sent again; nobody remembers of an interim word or a repetition whether it was sent.
class Outbox {
 public:
  Outbox(std::string interface, std::uint64_t seed) : interface_(std::move(interface)), seed_(seed) {}

  /// Waiting effects that are not out, and whose time has come.
  std::vector<std::size_t> due(const Book& book, const Faults& faults, Time now);
  /// At most `room` letters; each is on its way until `sent` tells what became of it.
  Round pick(const Book& book, const Faults& faults, Time now, std::size_t room);
  /// `status` of the answer, 0 for none. True when this delivered the result: taken (2xx), or refused for good.
  bool sent(const Letter& letter, int status, const Faults& faults, Time now);
  void faults_changed();

 private:
  struct Sending {
    Time due;         // unset: to be drawn
    Time not_before;  // of the next attempt
    int attempts = 0;
    bool on_its_way = false, interim_sent = false;
  };
  Sending& sending(std::size_t index, const Effect& effect, const Faults& faults);
  bool hit(const char* fault, const std::string& key, double share) const;
  Letter letter(std::size_t index, const Effect& effect, Letter::Content content) const;

  const std::string interface_;
  const std::uint64_t seed_;
  std::unordered_map<std::size_t, Sending> sendings_;  // by effect
  std::vector<Letter> repeated_;
};

}  // namespace backstitch::standin
