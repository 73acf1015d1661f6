// The only file that knows CLI11: it builds the parser from the table of verbs.
#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <set>

#include "base/time.h"
#include "cli/output.h"
#include "rules/nearest.h"

namespace backstitch::cli {
namespace {

/// A noun that is used without a verb.
std::string default_verb(const std::string& noun) { return noun == "stores" || noun == "errors" ? "list" : ""; }

struct Leaf {
  const Verb* verb;
  CLI::App* app;
  std::map<std::string, std::vector<std::string>> options, arguments;
};

std::string examples_text(const std::vector<std::string>& examples) {
  std::string out = "Examples:";
  for (std::size_t i = 0; i < examples.size() && i < 3; ++i) out += "\n  backstitch " + examples[i];
  return out;
}

/// The first example of each verb, then the second ones: three for a noun's help.
std::vector<std::string> examples_of(const std::vector<const Verb*>& verbs) {
  std::vector<std::string> out;
  for (std::size_t round = 0; round < 3; ++round)
    for (const Verb* verb : verbs) out.emplace_back(verb->examples[round]);
  return out;
}

class Parser {
 public:
  Parser() : root_("Backstitch: takes orders, breaks them down, runs their plans, keeps the CRM informed.", "backstitch") {
    root_.require_subcommand(0, 1);
    root_.footer(
        examples_text({"up --data ./backstitch-data", "order submit order.json --wait 30s", "stores explain queue-completer"}));
    add_common(root_);
    for (const Verb& verb : all_verbs()) add(verb);
  }

  Result<Parsed> parse(const std::vector<std::string>& words) {
    try {
      root_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::CallForHelp&) {
      return Parsed{nullptr, invocation_, help()};
    } catch (const CLI::ParseError& error) {
      return fail(Code::usage, "{}", explain(words, error.what()));
    }
    return take();
  }

 private:
  void add_common(CLI::App& app) {
    app.set_help_flag("--help,-h", "print this and leave");
    const auto text = [&](const char* name, std::string& target, const char* value, const char* help) {
      app.add_option(name, target, help)->type_name(value)->group("Common options");
    };
    const auto flag = [&](const char* name, bool& target, const char* help) {
      app.add_flag(name, target, help)->group("Common options");
    };
    text("--data", invocation_.data, "DIR", "data folder (default ./backstitch-data, or BACKSTITCH_DATA)");
    text("--server", invocation_.server, "URL", "a running platform's address, in place of the data folder's");
    text("--as", invocation_.actor, "NAME", "who acts (default: the user)");
    text("--token-file", invocation_.token_file, "FILE", "a session's token, as session start wrote it (or BACKSTITCH_TOKEN)");
    flag("--json", invocation_.json, "exactly one JSON document on standard output");
    flag("--jsonl", invocation_.jsonl, "streams: one JSON object a line");
    flag("--dry-run", invocation_.dry_run, "say what would be done, and do nothing");
    flag("--yes", invocation_.yes, "do not ask");
    flag("--quiet", invocation_.quiet, "no progress and no notices");
    app.add_option("--limit", invocation_.limit, "entries of a list (default 100)")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000).description(""))
        ->group("Common options");
    text("--wait", wait_, "TIME", "wait for the outcome at most this long: 0, 500ms, 30s, 5m");
    text("--timeout", timeout_, "TIME", "of one call to the platform (default 30s)");
  }

  void add(const Verb& verb) {
    CLI::App*& noun = nouns_[verb.noun];
    verbs_of_[verb.noun].push_back(&verb);
    const std::string group = verb.kind == Verb::Kind::hidden  ? ""
                              : verb.kind == Verb::Kind::later ? "Not part of this version"
                                                               : "Commands";
    if (!noun) {
      noun = root_.add_subcommand(verb.noun, *verb.name ? noun_summary(verb.noun) : verb.summary)->group(group);
      add_common(*noun);
    }
    if (group == "Commands") noun->group(group);
    CLI::App* app = noun;
    if (*verb.name) {
      noun->require_subcommand(default_verb(verb.noun).empty() ? 1 : 0, 1);
      app = noun->add_subcommand(verb.name, verb.summary)->group(group);
      add_common(*app);
      noun->footer(examples_text(examples_of(verbs_of_[verb.noun])));
    }
    app->footer(examples_text({verb.examples.begin(), verb.examples.end()}));
    if (verb.kind == Verb::Kind::later) app->allow_extras();
    Leaf& leaf = leaves_.emplace_back(Leaf{&verb, app, {}, {}});
    add_words(leaf);
  }

  static void add_words(Leaf& leaf) {
    for (const Argument& argument : leaf.verb->arguments) {
      auto* option = leaf.app->add_option(argument.name, leaf.arguments[argument.name], argument.explanation)->type_name("");
      if (argument.count != Argument::Count::many) option->expected(argument.count == Argument::Count::one ? 1 : 0, 1);
      // Else the first of several would take what the next ones are for.
      if (argument.count == Argument::Count::one) option->allow_extra_args(false);
      if (argument.count != Argument::Count::optional) option->required();
    }
    for (const Option& option : leaf.verb->options) {
      auto& target = leaf.options[option.name];
      if (!*option.value) {
        leaf.app->add_flag_callback(option.name, [&target] { target.assign(1, "true"); }, option.explanation);
        continue;
      }
      auto* added =
          leaf.app->add_option(option.name, target, option.explanation)->type_name(option.value)->required(option.required);
      option.repeated ? added->allow_extra_args(false) : added->expected(1);
    }
  }

  Result<Parsed> take() {
    for (const auto& [noun, app] : nouns_) {
      if (!app->parsed()) continue;
      for (Leaf& leaf : leaves_) {
        const bool bare = *leaf.verb->name == '\0' || (default_verb(noun) == leaf.verb->name && app->get_subcommands().empty());
        if (leaf.verb->noun != noun || !(leaf.app->parsed() || bare)) continue;
        return complete(leaf);
      }
    }
    return Parsed{nullptr, invocation_, root_.help()};
  }

  Result<Parsed> complete(Leaf& leaf) {
    for (auto [text, target] : {std::pair{&wait_, &invocation_.wait_ms}, std::pair{&timeout_, &invocation_.timeout_ms}}) {
      if (text->empty()) continue;
      const auto ms = *text == "0" ? Result<std::int64_t>(0) : parse_duration_ms(*text);
      if (!ms) return fail(Code::usage, "\"{}\" is no duration; write 500ms, 30s or 5m", *text);
      *target = *ms;
    }
    if (const char* data = std::getenv("BACKSTITCH_DATA"); data && *data && invocation_.data == Invocation{}.data)
      invocation_.data = data;
    invocation_.data_given = invocation_.data != Invocation{}.data;
    invocation_.data = std::filesystem::absolute(invocation_.data).lexically_normal().string();
    if (const char* token = std::getenv("BACKSTITCH_TOKEN")) invocation_.token = token;
    // A session knows who acts.
    if (invocation_.actor.empty() && invocation_.token.empty() && invocation_.token_file.empty()) {
      const char* user = std::getenv("USER");
      invocation_.actor = user && *user ? user : "operator";
    }
    invocation_.command = leaf.verb->command();
    invocation_.options = leaf.options;
    invocation_.arguments = leaf.arguments;
    return Parsed{leaf.verb, invocation_, ""};
  }

  std::string help() const {
    const CLI::App* app = &root_;
    std::string before = "backstitch";
    for (;;) {
      const auto below = app->get_subcommands();
      if (below.empty()) break;
      app = below.front();
      before += " " + app->get_name();
    }
    return app->help(app == &root_ ? "" : before.substr(0, before.rfind(' ')));
  }

  /// CLI11 names options well but not verbs: an unknown word becomes "did you mean".
  std::string explain(const std::vector<std::string>& words, const std::string& otherwise) const {
    static const std::set<std::string> with_value{"--data", "--server", "--as", "--token-file", "--limit", "--wait", "--timeout"};
    std::vector<std::string> bare;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (with_value.contains(words[i]))
        ++i;
      else if (!words[i].starts_with("-"))
        bare.push_back(words[i]);
    }
    if (bare.empty()) return otherwise;
    std::vector<std::string> names;
    const auto noun = nouns_.find(bare[0]);
    if (noun == nouns_.end()) {
      for (const auto& [name, app] : nouns_) names.push_back(name);
      return unknown("backstitch", bare[0], names);
    }
    for (const Verb* verb : verbs_of_.at(bare[0])) names.emplace_back(verb->name);
    if (names.front().empty()) return otherwise;
    if (bare.size() == 1) return fmt::format("backstitch {} needs one of: {}", bare[0], fmt::join(names, ", "));
    if (std::find(names.begin(), names.end(), bare[1]) == names.end()) return unknown("backstitch " + bare[0], bare[1], names);
    return otherwise;
  }

  static std::string unknown(const std::string& before, const std::string& word, const std::vector<std::string>& names) {
    const std::string near = nearest(word, names);
    return near.empty() ? fmt::format("\"{}\" has no \"{}\"; it has: {}", before, word, fmt::join(names, ", "))
                        : fmt::format("\"{}\" has no \"{}\"; did you mean \"{}\"?", before, word, near);
  }

  Invocation invocation_;
  std::string wait_, timeout_;
  CLI::App root_;
  std::map<std::string, CLI::App*> nouns_;
  std::map<std::string, std::vector<const Verb*>> verbs_of_;
  std::list<Leaf> leaves_;
};

/// --json must be obeyed even when the words around it cannot be parsed.
bool wants_json(const std::vector<std::string>& words) { return std::find(words.begin(), words.end(), "--json") != words.end(); }

}  // namespace

Result<Parsed> parse_command_line(const std::vector<std::string>& words) { return Parser().parse(words); }

int run_command_line(const std::vector<std::string>& words) {
  const auto parsed = parse_command_line(words);
  if (!parsed) return finish(Invocation{.json = wants_json(words)}, fail(parsed.error()));
  if (parsed->verb) return finish(parsed->invocation, parsed->verb->run(parsed->invocation));
  fmt::print("{}", parsed->help);
  return 0;
}

}  // namespace backstitch::cli
