#include "demo/incidents.h"

#include <boost/json.hpp>
#include <sstream>

#include "base/json.h"
#include "base/time.h"
#include "demo/interrupt.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

// Some work gets done between two incidents; longer than the silence after which a host is given up.
constexpr std::int64_t gap_ms = 2'000, cut_ms_least = 8'000, move_ms_max = 60'000, look_every_ms = 200, query_ms_max = 10'000;

constexpr std::size_t workers_of_second = 4;  // of the kinds below

/// The words of the cluster that bring it about, in order.
struct Kind {
  const char* what;
  std::vector<std::vector<std::string>> verbs;
};
const Kind& kind_of(std::size_t number) {
  static const std::array<Kind, Incidents::kinds> all{
      {{"h3 was cut off, and joined again", {}},
       {"Kafka was restarted", {{"restart", "kafka"}}},
       {"Kafka was killed with -9, and started again", {{"kill", "kafka"}, {"restart", "kafka"}}},
       {"PostgreSQL was restarted", {{"restart", "postgres"}}},
       {"the workers of h2 were killed with -9", {{"kill", "worker", "--host", "h2"}}},
       {"the platform on h2 was killed with -9, and started again",
        {{"kill", "serve", "--host", "h2"}, {"restart", "serve", "--host", "h2"}}}}};
  return all[number % all.size()];
}

std::string joined(const std::set<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

Result<std::set<int>> partitions_of(World& world, const std::string& host) {
  const auto members = world.platform().get("/members");
  if (!members) return fail(members.error());
  std::set<int> own;
  for (const json::value& member : members->at("items").as_array())
    if (member.at("host").as_string() == host && member.at("alive").as_bool())
      for (const json::value& one : member.at("partitions").as_array()) own.insert(one.at("partition").to_number<int>());
  return own;
}

Result<std::string> query(World& world, const std::string& sql) {
  auto ended = run({.argv = {"psql", "-X", "-qtA", "-d", world.platform().database_connection(), "-c", sql}}, query_ms_max);
  if (!ended) return fail(std::move(ended.error()));
  if (ended->exit_status != 0) return fail(Code::process_failed, "psql: {}", ended->err);
  return std::move(ended->out);
}

}  // namespace

Check check_turns(World& world) {
  Check check{"turns", "no turn of an older owner stands behind one of a newer", 0, {}};
  const auto rows =
      query(world,
            "with t as (select partition, turn, epoch, term, lag(epoch) over w as epoch_before,"
            " lag(term) over w as term_before from backstitch.turn window w as (partition by partition order by turn))"
            " select count(*)::text from t union all select 'partition ' || partition || ' turn ' || turn from t"
            " where epoch_before > epoch or (epoch_before = epoch and term_before > term)");
  if (!rows) return check.differences.push_back(rows.error().text()), check;
  std::istringstream lines(*rows);
  std::string line;
  if (std::getline(lines, line)) check.compared = std::atoll(line.c_str());
  while (std::getline(lines, line)) check.differences.push_back(line);
  return check;
}

Status await_shares(World& world) {
  for (const char* host : {Hosts::first, Hosts::second, Hosts::third}) {
    for (const std::int64_t end_ms = monotonic_ms() + move_ms_max;;) {
      const auto own = partitions_of(world, host);
      if (!own) return fail(own.error());
      if (!own->empty()) break;
      if (!rest(look_every_ms)) return {};
      if (monotonic_ms() > end_ms) return fail(Code::timed_out, "{} is there again, and decides nothing", host);
    }
  }
  return {};
}

Incidents::Incidents(World& world, int count)
    : world_(world), count_(static_cast<std::size_t>(count)), started_ms_(monotonic_ms()) {}

std::string Incidents::words() const {
  return cut_ms_ ? std::string(Hosts::third) + " is cut off" : fmt::format("{} of {} incidents", told_.size(), count_);
}

Status Incidents::tick() {
  if (cut_ms_) return look_at_cut();
  if (done() || since_last_ms() < gap_ms) return {};
  const std::size_t kind = told_.size() % kinds;
  return kind == 0 ? cut() : carry_out(kind);
}

void Incidents::tell(Incident incident) {
  start_settling();
  told_.push_back(std::move(incident));
}

Status Incidents::carry_out(std::size_t kind) {
  // Who is not there right now is waited for.
  if (kind == workers_of_second && workers_in(world_.hosts()->data(Hosts::second)).empty() && since_last_ms() < move_ms_max)
    return {};
  const std::int64_t begun_ms = monotonic_ms();
  for (const auto& verb : kind_of(kind).verbs) BS_TRY(world_.hosts()->verb(verb));
  tell({kind_of(kind).what, begun_ms - started_ms_, monotonic_ms() - begun_ms, 0});
  return {};
}

Result<std::int64_t> Incidents::orders_decided() const {
  const auto rows = query(world_, "select count(*) from backstitch.orders where partition in (" + moved_ + ")");
  if (!rows) return fail(rows.error());
  return std::atoll(rows->c_str());
}

// Its partitions are asked for first: while it has none, nothing could move.
Status Incidents::cut() {
  const auto own = partitions_of(world_, Hosts::third);
  if (!own) return fail(own.error());
  if (own->empty()) return since_last_ms() < move_ms_max ? Status() : fail(Code::timed_out, "{} has no partitions", Hosts::third);
  moved_ = joined(*own);
  const std::int64_t now_ms = monotonic_ms();
  BS_TRY(world_.hosts()->verb({"partition", Hosts::third}));
  const auto decided = orders_decided();
  if (!decided) return fail(decided.error());
  cut_ms_ = now_ms, decided_before_ = *decided, first_order_ms_ = 0;
  return {};
}

Status Incidents::look_at_cut() {
  const std::int64_t since_ms = monotonic_ms() - cut_ms_;
  if (!first_order_ms_) {
    const auto decided = orders_decided();
    if (!decided) return fail(decided.error());
    if (*decided > decided_before_) first_order_ms_ = since_ms;
    if (since_ms > move_ms_max) return fail(Code::timed_out, "{} is cut off, and nobody decides orders of its", Hosts::third);
    rest(look_every_ms);
  }
  return first_order_ms_ && since_ms >= cut_ms_least ? join() : Status();
}

Status Incidents::join() {
  BS_TRY(world_.hosts()->verb({"join", Hosts::third}));
  BS_TRY(await_shares(world_));
  world_.voice().say(fmt::format("orders of what had been its were decided {} ms behind the cut", first_order_ms_));
  tell({kind_of(0).what, cut_ms_ - started_ms_, monotonic_ms() - cut_ms_, first_order_ms_});
  cut_ms_ = 0;
  return {};
}

}  // namespace backstitch::demo
