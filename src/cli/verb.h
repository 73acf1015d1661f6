// A verb as data: its words, its options, three examples, and the function that carries it out. The command line, the help
// texts, the reference page and the tests are made from the same table.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/invocation.h"

namespace backstitch::cli {

/// What a verb has to say. Printing is not its business (output.h), except for streams.
struct Answer {
  std::string schema;       // "order.list/1"
  std::string data = "{}";  // JSON
  std::string text;         // for people, ends with a line feed; goes to standard output
  std::vector<std::string> notices;
  int exit_status = 0;    // 1: done, and the answer is "no"
  bool streamed = false;  // a stream went to standard output already: print neither data nor text
};

struct Option {
  const char* name;         // "--state"; there are no short forms
  const char* value;        // "STATE"; empty for a flag
  const char* explanation;  // one line
  bool required = false;
  bool repeated = false;  // may be given more than once
};

struct Argument {
  enum class Count { one, optional, many };
  const char* name;  // "ORDER"
  const char* explanation;
  Count count = Count::one;
};

using Run = Result<Answer> (*)(const Invocation&);

struct Verb {
  enum class Kind {
    normal,
    hidden,  // works, is not listed: started by the platform itself
    later,   // of a version to come: refused in words
  };
  const char* noun;  // "order", or a bare verb such as "up"
  const char* name;  // "list"; empty for a bare verb
  const char* summary;
  std::vector<Argument> arguments;
  std::vector<Option> options;
  std::array<const char*, 3> examples;
  Run run;
  Kind kind = Kind::normal;

  std::string command() const { return *name ? std::string(noun) + " " + name : noun; }
};

/// All verbs, in the order of the help (verbs/verbs.cpp).
const std::vector<Verb>& all_verbs();

/// What a noun stands for: one line of the top help; empty for a bare verb.
std::string noun_summary(const std::string& noun);

}  // namespace backstitch::cli
