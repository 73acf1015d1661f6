#include "stores/safe/wrong_fake.h"

#include <algorithm>

#include "stores/objects/names.h"

namespace backstitch::safe {
namespace {

std::string cleaned(const std::string& name) {
  return objects::check_name(name) ? name : fmt::format("evidence/{}", std::hash<std::string>()(name));
}

}  // namespace

std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::puts_new_over_old); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

Status WrongFake::change_epoch(const Epoch& expected, const Epoch& wanted) {
  const Epoch there = StrictFake::epoch().value();
  Epoch given = wanted;
  if (is(Wrong::loses_the_saga) && !given.saga.empty()) given.saga = "unknown";
  if (is(Wrong::epoch_goes_back)) given.n = std::max(given.n, there.n);
  return StrictFake::change_epoch(is(Wrong::swaps_without_compare) ? there : expected, given);
}

Status WrongFake::put(const std::string& name, std::string_view content) {
  if (is(Wrong::keeps_the_first_object) && StrictFake::get(name)) return {};
  return StrictFake::put(is(Wrong::takes_any_name) ? cleaned(name) : name, content);
}

Result<bool> WrongFake::put_new(const std::string& name, std::string_view content) {
  if (!is(Wrong::puts_new_over_old)) return StrictFake::put_new(is(Wrong::takes_any_name) ? cleaned(name) : name, content);
  BS_TRY(put(name, content));
  return true;
}

Result<std::string> WrongFake::get(const std::string& name) {
  auto content = StrictFake::get(is(Wrong::takes_any_name) ? cleaned(name) : name);
  if (!content && is(Wrong::finds_what_is_not_there)) return std::string();
  return content;
}

Result<std::vector<std::string>> WrongFake::list(const std::string& prefix) {
  auto names = StrictFake::list(is(Wrong::lists_everything) ? "" : prefix);
  if (names && is(Wrong::lists_in_no_order)) std::reverse(names->begin(), names->end());
  return names;
}

std::pair<std::string, Partition> WrongFake::place(const std::string& topic, Partition partition) const {
  return {is(Wrong::takes_any_topic) ? "incoming" : topic, is(Wrong::one_archive_for_all) && partition >= 0 ? 0 : partition};
}

Status WrongFake::archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) {
  const auto [there, where] = place(topic, partition);
  const auto end = StrictFake::archived_end(there, where);
  if (!end) return fail(end.error());
  std::vector<queue::Record> given;
  for (queue::Record record : records) {
    if (is(Wrong::refuses_repetition) && record.offset < *end) return fail(Code::checksum_mismatch, "{} is there", record.offset);
    if (is(Wrong::keeps_the_first_record) && record.offset < *end) continue;
    if (is(Wrong::cuts_values_at_newline)) record.value.resize(std::min(record.value.find('\n'), record.value.size()));
    if (is(Wrong::closes_gaps) && record.offset >= *end) record.offset = *end + given.size();
    given.push_back(record);
  }
  return StrictFake::archive(there, where, given);
}

Result<queue::Offset> WrongFake::archived_end(const std::string& topic, Partition partition) {
  const auto [there, where] = place(topic, partition);
  return StrictFake::archived_end(there, where);
}

Status WrongFake::read_archive(const std::string& topic, Partition partition, queue::Offset from,
                               const std::function<bool(const queue::Record&)>& each) {
  const auto [there, where] = place(topic, partition);
  if (is(Wrong::reads_from_the_start)) from = 1;
  return StrictFake::read_archive(there, where, from,
                                  [&](const queue::Record& record) { return each(record) || is(Wrong::never_stops_reading); });
}

Status WrongFake::mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) {
  if (!is(Wrong::turns_without_numbers)) return StrictFake::mirror_turns(partition, turns);
  std::uint64_t last = StrictFake::mirrored_turn(partition).value();
  for (const auto& [number, text] : turns) BS_TRY(StrictFake::mirror_turns(partition, {{++last, text}}));
  return {};
}

}  // namespace backstitch::safe
