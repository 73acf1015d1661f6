#include "standins/system/outbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "standins/common/chance.h"

namespace backstitch::standin {
namespace {

constexpr std::int64_t pause_min_ms = 100, pause_max_ms = 2'000, idle_ms = 60'000;
constexpr int doublings_max = 5;  // more would not fit below the longest pause

bool taken(int status) { return status >= 200 && status < 300; }
/// A refusal for good; 408 and 429 ask for another attempt.
bool refused(int status) { return status >= 400 && status < 500 && status != 408 && status != 429; }

std::int64_t pause_ms(int attempts) { return std::min(pause_max_ms, pause_min_ms << std::min(attempts - 1, doublings_max)); }

}  // namespace

/// The due time follows the faults as they are now, however they were at the acceptance.
Outbox::Sending& Outbox::sending(std::size_t index, const Effect& effect, const Faults& faults) {
  const auto [place, fresh] = sendings_.try_emplace(index);
  Sending& sending = place->second;
  if (fresh) sending.interim_sent = effect.out;
  if (!sending.due.is_set())
    sending.due = effect.at.plus_ms(
        draw_between(faults.callback_min_ms, faults.callback_max_ms, seed_, {interface_, "callback", effect.key}));
  return sending;
}

void Outbox::faults_changed() {
  for (auto& [index, sending] : sendings_) sending.due = {};
}

std::vector<std::size_t> Outbox::due(const Book& book, const Faults& faults, Time now) {
  std::vector<std::size_t> due;
  for (const std::size_t index : book.waiting())
    if (const Effect& effect = book.effect(index); !effect.out && sending(index, effect, faults).due <= now) due.push_back(index);
  return due;
}

Round Outbox::pick(const Book& book, const Faults& faults, Time now, std::size_t room) {
  Round round{.next = now.plus_ms(idle_ms)};
  while (!repeated_.empty() && round.letters.size() < room) {
    round.letters.push_back(std::move(repeated_.back()));
    repeated_.pop_back();
  }
  for (const std::size_t index : book.waiting()) {
    const Effect& effect = book.effect(index);
    Sending& sending = this->sending(index, effect, faults);
    if (sending.on_its_way) continue;
    const bool interim = !sending.interim_sent && sending.attempts == 0 && hit("interim", effect.key, faults.interim);
    const Time halfway{effect.at.us + (sending.due.us - effect.at.us) / 2};
    const Time when = interim ? halfway : effect.out ? sending.not_before : sending.due;
    if (now < when) {
      round.next = std::min(round.next, when);
    } else if (round.letters.size() < room) {
      sending.on_its_way = true;
      round.letters.push_back(letter(index, effect, interim ? Letter::Content::interim : Letter::Content::result));
    }
  }
  return round;
}

bool Outbox::sent(const Letter& letter, int status, const Faults& faults, Time now) {
  const auto found = sendings_.find(letter.effect);
  if (letter.content == Letter::Content::repeated || found == sendings_.end()) return false;
  Sending& sending = found->second;
  sending.on_its_way = false;
  if (letter.content == Letter::Content::interim) return sending.interim_sent = true, false;
  if (!taken(status) && !refused(status)) {
    sending.not_before = now.plus_ms(pause_ms(++sending.attempts));
    return false;
  }
  sendings_.erase(found);
  if (taken(status) && hit("repeat", letter.key, faults.repeat)) {
    repeated_.push_back(letter);
    repeated_.back().content = Letter::Content::repeated;
  }
  return true;
}

bool Outbox::hit(const char* fault, const std::string& key, double share) const {
  return share > 0 && draw(seed_, {interface_, fault, key}) < share;
}

Letter Outbox::letter(std::size_t index, const Effect& effect, Letter::Content content) const {
  Letter letter{.effect = index, .content = content, .key = effect.key, .url = effect.callback_url};
  if (content == Letter::Content::interim)
    letter.body = fmt::format(R"({{"outcome":"interim","code":"{}/working","response":null}})", interface_);
  else
    letter.body = fmt::format(R"({{"outcome":"{}","code":"{}/{}","response":{}}})", effect.done ? "done" : "refused", interface_,
                              effect.done ? 200 : 422, effect_response(effect));
  return letter;
}

}  // namespace backstitch::standin
