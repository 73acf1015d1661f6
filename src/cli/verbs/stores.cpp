// stores list|explain|graph: data in the program, with live health when the platform runs.
#include <boost/json.hpp>
#include <map>

#include "base/json.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/registry/stores.h"
#include "rules/nearest.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using recovery::StoreEntry;

std::string number_text(const StoreEntry& entry) { return entry.number == 0 ? "-" : std::to_string(entry.number); }

std::string class_text(const StoreEntry& entry) {
  std::string text(to_text(entry.store_class));
  if (entry.store_class == recovery::StoreClass::derived) text += fmt::format(" from {}", entry.source);
  return text;
}

/// A verb that is not part of this version says so, looked up in the table of verbs.
std::string command_text(const StoreEntry& entry) {
  std::string text = fmt::format("backstitch {}", entry.command);
  for (const Verb& verb : all_verbs())
    if (entry.command.starts_with(verb.command()) && verb.kind == Verb::Kind::later) text += " (not part of this version)";
  return text;
}

struct Health {
  std::map<std::string, std::pair<std::string, std::string>> by_name;  // name → (health, detail)
  std::string notice;
};

/// Health is a courtesy: the registry is printed with the platform down too, and then a notice says why health is missing.
Health live_health(const Invocation& invocation) {
  Health out;
  auto client = Client::connect(invocation);
  const auto page = client ? client->get("/stores") : Result<boost::json::value>(fail(client.error()));
  if (!page) {
    out.notice = "no live health: " + page.error().text();
    return out;
  }
  for (const auto& store : items_of(*page)) {
    const std::string health = text_of(store, "healthy") == "yes" ? "ok" : "not ok";
    for (const StoreEntry& entry : recovery::all_stores())
      if (entry.live_name == text_of(store, "name")) out.by_name[std::string(entry.name)] = {health, text_of(store, "detail")};
  }
  return out;
}

object store_object(const StoreEntry& entry, const Health& health) {
  object out{{"n", entry.number},
             {"name", entry.name},
             {"place", entry.place},
             {"holds", entry.holds},
             {"class", to_text(entry.store_class)},
             {"source", entry.source},
             {"changes", entry.changes},
             {"comesBack", entry.comes_back},
             {"lost", entry.lost},
             {"rebuiltBy", entry.rebuilt_by},
             {"command", command_text(entry)}};
  if (const auto found = health.by_name.find(std::string(entry.name)); found != health.by_name.end()) {
    out["health"] = found->second.first;
    out["detail"] = found->second.second;
  }
  return out;
}

/// docs/reference/stores.md.
std::string markdown() {
  std::string out =
      "# The data stores\n\nMade by `backstitch stores list --markdown`; `backstitch stores` adds live health.\n\n"
      "| # | name | store | holds | class | changes | how it comes back |\n|---|---|---|---|---|---|---|\n";
  for (const StoreEntry& entry : recovery::all_stores())
    out += fmt::format("| {} | `{}` | {} | {} | {} | {} | {} |\n", number_text(entry), entry.name, entry.place, entry.holds,
                       class_text(entry), entry.changes, entry.comes_back);
  for (const StoreEntry& entry : recovery::all_stores())
    out += fmt::format("\n## {}\n\n- *Lost when the database goes back*: {}.\n- *Rebuilt by*: {}.\n- *Command*: {}.\n",
                       entry.name, entry.lost, entry.rebuilt_by, command_text(entry));
  return out;
}

Result<Answer> stores_list(const Invocation& invocation) {
  Answer answer{.schema = "stores.list/1"};
  if (invocation.has("--markdown")) {
    answer.text = markdown();
    answer.data = write_json(object{{"markdown", answer.text}});
    return answer;
  }
  const Health health = live_health(invocation);
  array items;
  std::vector<Row> rows;
  for (const StoreEntry& entry : recovery::all_stores()) {
    items.push_back(store_object(entry, health));
    const auto found = health.by_name.find(std::string(entry.name));
    rows.push_back({number_text(entry), std::string(entry.name), class_text(entry), std::string(entry.changes),
                    found == health.by_name.end() ? "" : found->second.first, std::string(entry.comes_back)});
  }
  answer.data = write_json(object{{"items", std::move(items)}, {"next", nullptr}});
  answer.text = table_text({"#", "STORE", "CLASS", "CHANGES", "HEALTH", "HOW IT COMES BACK"}, rows);
  if (!health.notice.empty()) answer.notices.push_back(health.notice);
  return answer;
}

Result<Answer> stores_explain(const Invocation& invocation) {
  const std::string name = invocation.argument("STORE");
  const StoreEntry* entry = recovery::find_store(name);
  if (!entry) {
    std::vector<std::string> names;
    for (const StoreEntry& known : recovery::all_stores()) names.emplace_back(known.name);
    const std::string near = nearest(name, names);
    return fail(Code::usage, "there is no store \"{}\"; {}", name,
                near.empty() ? "\"backstitch stores list\" lists them" : "did you mean \"" + near + "\"?");
  }
  const Health health = live_health(invocation);
  Answer answer{.schema = "stores.explain/1", .data = write_json(store_object(*entry, health))};
  answer.text = fmt::format(
      "{} ({}): {}\nclass       {}\nlost        when the database goes back: {}\nrebuilt by  {}\ncomes back  {}\ncommand     "
      "{}\n",
      entry->name, entry->place, entry->holds, class_text(*entry), entry->lost, entry->rebuilt_by, entry->comes_back,
      command_text(*entry));
  if (const auto found = health.by_name.find(std::string(entry->name)); found != health.by_name.end())
    answer.text += fmt::format("health      {} {}\n", found->second.first, found->second.second);
  return answer;
}

Result<Answer> stores_graph(const Invocation& invocation) {
  Answer answer{.schema = "stores.graph/1"};
  array edges;
  std::vector<Row> rows;
  std::string dot = "digraph stores {\n  rankdir=LR;\n";
  for (const recovery::StoreEdge& edge : recovery::store_edges()) {
    edges.push_back(object{{"from", edge.from}, {"to", edge.to}, {"what", edge.what}});
    rows.push_back({std::string(edge.from), "->", std::string(edge.to), std::string(edge.what)});
    dot += fmt::format("  \"{}\" -> \"{}\" [label=\"{}\"];\n", edge.from, edge.to, edge.what);
  }
  answer.data = write_json(object{{"edges", std::move(edges)}});
  answer.text = invocation.has("--dot") ? dot + "}\n" : table_text({"FROM", "", "TO", "WHAT"}, rows);
  return answer;
}

}  // namespace

std::vector<Verb> store_verbs() {
  return {
      {"stores",
       "list",
       "the fifteen stores and the safe, with live health",
       {},
       {{"--markdown", "", "the page docs/reference/stores.md"}},
       {"stores", "stores list --json", "stores list --data /srv/backstitch"},
       stores_list},
      {"stores",
       "explain",
       "what is lost when the database goes back, and what rebuilds it",
       {{"STORE", "name or number"}},
       {},
       {"stores explain queue-completer", "stores explain 11", "stores explain safe --json"},
       stores_explain},
      {"stores",
       "graph",
       "what flows from one store into another",
       {},
       {{"--dot", "", "for Graphviz"}},
       {"stores graph", "stores graph --dot | dot -Tsvg >stores.svg", "stores graph --json"},
       stores_graph},
  };
}

}  // namespace backstitch::cli
