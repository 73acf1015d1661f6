// Words for the cases of a role's contract. What does not hold ends a case; a case that ends without a word holds.
#pragma once
#include <fmt/core.h>

#include <functional>
#include <string>

#include "base/error.h"

namespace backstitch::contract {

struct Broken {
  std::string why;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw Broken{what};
}
template <class T>
T value_of(Result<T> result, const std::string& what) {
  if (!result) throw Broken{what + ": " + result.error().text()};
  return std::move(*result);
}
inline void done(const Status& status, const std::string& what) {
  if (!status) throw Broken{what + ": " + status.error().text()};
}
template <class T>
void refused(const Result<T>& result, Code code, const std::string& what) {
  require(!result.has_value(), what + " was accepted");
  require(result.error().code == code, what + ": " + result.error().text());
}
template <class T>
void same(const T& found, const T& expected, const std::string& what) {
  require(found == expected, fmt::format("{}: {} instead of {}", what, found, expected));
}

/// A case gets an object of its own, empty. It is data, so that it can also be run on one that is wrong on purpose.
template <class Port>
struct Case {
  std::string name;
  std::function<void(Port&)> body;

  /// What does not hold; empty when all does.
  std::string run(Port& port) const {
    try {
      body(port);
      return {};
    } catch (const Broken& broken) {
      return broken.why;
    } catch (const std::exception& error) {
      return std::string("threw ") + error.what();
    }
  }
};

}  // namespace backstitch::contract
