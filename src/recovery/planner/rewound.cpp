#include "recovery/planner/rewound.h"

#include <set>

#include "fold/catalog_library.h"

namespace backstitch::recovery {
namespace {

/// Of every version there ever was: what is restored may belong to an older one.
Result<std::set<std::string>> systems_known(safe::Safe& safe) {
  constexpr std::string_view folder = "catalogs/";
  const auto names = safe.list(std::string(folder));
  if (!names) return fail(names.error());
  CatalogLibrary library(safe);
  std::set<std::string> known;
  for (const std::string& name : *names) {
    const std::string digest = name.substr(folder.size());
    BS_TRY(library.load(digest));
    for (const System& system : library.find(digest)->systems) known.insert(system.key);
  }
  return known;
}

Result<Time> moment(const SaidRewound& said, Time now) {
  Time since;
  if (const auto time = parse_rfc3339(said.since))
    since = *time;
  else if (const auto ago = parse_duration_ms(said.since))
    since = now.plus_ms(-*ago);
  else
    return fail(Code::usage, "system {} is rewound to \"{}\", which is no time and no duration", said.system, said.since);
  if (since >= now)
    return fail(Code::usage, "system {} is rewound to {}, and nothing was answered after that: it is {}", said.system,
                rfc3339(since), rfc3339(now));
  return since;
}

}  // namespace

Result<SaidRewound> said_rewound(const std::string& words) {
  const auto equals = words.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == words.size())
    return fail(Code::usage, "\"{}\" does not say which system was rewound to when: NAME=TIME", words);
  return SaidRewound{words.substr(0, equals), words.substr(equals + 1)};
}

Result<std::map<std::string, Time>> rewound_systems(const std::vector<SaidRewound>& said, safe::Safe& safe, Time now) {
  std::map<std::string, Time> rewound;
  if (said.empty()) return rewound;
  const auto known = systems_known(safe);
  if (!known) return fail(known.error());
  for (const SaidRewound& one : said) {
    if (!known->contains(one.system)) {
      std::string names;
      for (const std::string& name : *known) names += (names.empty() ? "" : ", ") + name;
      return fail(Code::system_not_found, "\"{}\"; the catalogs know {}", one.system, names.empty() ? "none" : names);
    }
    const auto since = moment(one, now);
    if (!since) return fail(since.error());
    if (!rewound.emplace(one.system, *since).second) return fail(Code::usage, "system {} is rewound twice", one.system);
  }
  return rewound;
}

}  // namespace backstitch::recovery
