#include "demo/strays.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "demo/interrupt.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

// The first is taken back by its system's people, the second refused, those behind them are ordered again; nobody wants the rest.
constexpr std::size_t contradicted = 0, refused = 1, again_begin = 2, again_end = 5;
constexpr std::int64_t decided_within_ms = 20'000, submitted_within_ms = 20'000, look_every_ms = 100;

std::string text_of(const json::value& from, const char* name) {
  const auto* value = from.is_object() ? from.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Inputs in the file that the words name already; none when they name none.
Result<json::array> left_out_already(const std::string& word) {
  constexpr std::string_view option = "--exclude=";
  if (!word.starts_with(option)) return json::array();
  const auto content = read_file(word.substr(option.size()));
  if (!content) return fail(content.error());
  const auto list = parse_json(*content);
  if (!list || !list->is_array()) return fail(Code::json_invalid, "{} is no list", word);
  return list->get_array();
}

}  // namespace

Status Strays::say(std::vector<std::string> words) {
  const auto done = world_.platform().command(std::move(words));
  return done ? Status() : fail(done.error());
}

Status Strays::submit(std::unique_ptr<StandIn>& client, const std::string& name, const std::string& text) {
  const std::string file = world_.folder() + "/orders-" + name + ".jsonl";
  BS_TRY(write_file_durably(file, text));
  client = world_.one_more_client(name, file);
  BS_TRY(client->start());
  const std::int64_t end_ms = monotonic_ms() + submitted_within_ms;
  while (client->exit_status() < 0)
    if (monotonic_ms() > end_ms || !rest(look_every_ms)) return fail(Code::timed_out, "orders of {} were not taken", name);
  return client->exit_status() == 0 ? Status() : fail(Code::process_failed, "orders of {} were refused", name);
}

Status Strays::send() {
  if (!any()) return {};
  BS_TRY(world_.system().post("/faults", fmt::format(R"({{"{}":{{"refuse-of":"{}"}}}})", orders_[refused].interface,
                                                     part_of_subject(orders_[refused].id))));
  std::string text;
  for (const StrayOrder& order : orders_) text += order.document + "\n";
  if (ended_) {
    const auto end = ended_->end();
    if (!end) return fail(end.error());
    text += *end + "\n";
  }
  BS_TRY(submit(test_, "test", text));
  const std::int64_t end_ms = monotonic_ms() + decided_within_ms;
  for (;;) {
    const auto all = decided();
    if (!all) return fail(all.error());
    if (*all) break;
    if (monotonic_ms() > end_ms || !rest(look_every_ms)) return fail(Code::timed_out, "the outside has not decided on strays");
  }
  world_.voice().say(fmt::format("a test of another team went to the wrong address: {} orders, called for at {}", orders_.size(),
                                 orders_.front().system));
  return order_back();
}

Status Strays::order_back() {
  if (!ended_) return {};
  const auto back = ended_->back();
  if (!back) return fail(back.error());
  BS_TRY(submit(late_, "late", *back + "\n"));
  BS_TRY(ended_->await_back());
  keys_.insert(ended_->end_key());
  world_.voice().say("it had ended a service, too, and its customer has ordered that back");
  return {};
}

/// Executed, or called and refused, by the outside's own ledger.
Result<bool> Strays::decided() {
  const auto answer = world_.system().get("/ledger/subjects?executed=0&interface=" + orders_.front().interface);
  if (!answer) return fail(answer.error());
  std::size_t found = 0;
  keys_.clear();
  for (const json::value& item : answer->at("items").as_array())
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      if (text_of(item, "subject").find(part_of_subject(orders_[i].id)) == std::string::npos) continue;
      const json::array& effects = item.at("effects").as_array();
      if (effects.empty()) continue;
      ++found;
      if (i == refused) continue;
      keys_.insert(text_of(effects.front(), "key"));
      if (i == contradicted) contradicted_key_ = text_of(effects.front(), "key");
    }
  return found == orders_.size();
}

Result<std::vector<std::string>> Strays::leave_out(const std::vector<std::string>& words) {
  if (!any()) return words;
  const auto listed = world_.platform().command(
      {"recover", "exclusions", "--source", stray_source, "--why", "a test that went to the wrong address"});
  if (!listed) return fail(listed.error());
  json::array all = listed->at("data").as_array();
  std::vector<std::string> out;
  for (const std::string& word : words) {
    auto more = left_out_already(word);
    if (!more) return fail(std::move(more.error()));
    all.insert(all.end(), more->begin(), more->end());
    if (!word.starts_with("--exclude=") && !word.starts_with("--to=")) out.push_back(word);
  }
  const std::string file = world_.folder() + "/left-out.json";
  BS_TRY(write_file_durably(file, write_json(all)));
  out.push_back("--exclude=" + file);
  return out;
}

Status Strays::order_again() {
  if (!any()) return {};
  BS_TRY(say({"system", "down", orders_.front().system, "--reason", "maintenance", "--wait", "0s"}));
  BS_TRY(world_.system().post(fmt::format("/{}/effects/{}/cancel", orders_.front().interface, contradicted_key_), "{}"));
  std::string text;
  for (std::size_t i = again_begin; i < again_end; ++i) text += orders_[i].again + "\n";
  return submit(late_, "late", text);
}

Status Strays::settle(const std::string& recovery) {
  if (!any()) return {};
  BS_TRY(say({"system", "up", orders_.front().system}));
  BS_TRY(say({"system", "unhold", orders_.front().system}));
  const auto work = world_.platform().command({"recover", "work", recovery});
  if (!work) return fail(work.error());
  std::string table = "id,decision,note,who\r\n";
  for (const json::value& row : work->at("data").at("items").at("items").as_array()) {
    const std::string kind = text_of(row, "kind"), subject = text_of(row, "subject");
    const bool by_hand = ended_ && ended_->is_about(kind, subject);
    if (!by_hand && !keys_.contains(subject)) continue;
    if (by_hand) BS_TRY(ended_->take_back());
    const json::array& choices = row.at("choices").as_array();
    const std::string choice = by_hand ? "done-by-hand" : kind == "E2" ? "keep" : "cancel";
    if (std::find(choices.begin(), choices.end(), json::value(choice)) != choices.end())
      table += fmt::format("{},{},a test of another team,ann\r\n", text_of(row, "id"), choice);
  }
  const std::string file = world_.folder() + "/decided.csv";
  BS_TRY(write_file_durably(file, table));
  return say({"recover", "work", recovery, "--import", file, "--carry-out"});
}

}  // namespace backstitch::demo
