// Statement parameters in PostgreSQL's binary format; whole columns as arrays for INSERT … SELECT unnest($1, …).
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace backstitch::database {

/// Writes one array after the other: head, then the elements.
class ArrayWriter {
 public:
  enum class Element : std::uint32_t { boolean = 16, int8 = 20, int4 = 23, text = 25, timestamptz = 1184, uuid = 2950 };
  ArrayWriter(std::string& out, Element element, std::size_t count);
  void add_null();
  void add(bool value);
  void add(std::int32_t value);
  void add(std::int64_t value);
  void add(std::string_view value);
  void add(Time value);
  void add(Bits128 value);

 private:
  std::string& out_;
};

/// Values of one statement, in the order of $1, $2 …
class Parameters {
 public:
  Parameters& int4(std::int32_t value);
  Parameters& int8(std::int64_t value);
  Parameters& boolean(bool value);
  Parameters& text(std::string_view value);
  Parameters& uuid(Bits128 value);
  Parameters& time(Time value);

  /// One array, an element a row; `get` gives the column's value (std::optional: null when empty).
  template <class Rows, class Get>
  Parameters& column(ArrayWriter::Element element, const Rows& rows, Get get) {
    std::string& out = start();
    ArrayWriter writer(out, element, rows.size());
    for (const auto& row : rows) add_to(writer, std::invoke(get, *pointer_to(row)));
    return *this;
  }
  template <class Rows, class Get>
  Parameters& uuids(const Rows& rows, Get get) {
    return column(ArrayWriter::Element::uuid, rows, get);
  }
  template <class Rows, class Get>
  Parameters& texts(const Rows& rows, Get get) {
    return column(ArrayWriter::Element::text, rows, get);
  }
  template <class Rows, class Get>
  Parameters& int4s(const Rows& rows, Get get) {
    return column(ArrayWriter::Element::int4, rows, get);
  }
  template <class Rows, class Get>
  Parameters& int8s(const Rows& rows, Get get) {
    return column(ArrayWriter::Element::int8, rows, get);
  }
  template <class Rows, class Get>
  Parameters& times(const Rows& rows, Get get) {
    return column(ArrayWriter::Element::timestamptz, rows, get);
  }
  template <class Rows, class Get>
  Parameters& booleans(const Rows& rows, Get get) {
    return column(ArrayWriter::Element::boolean, rows, get);
  }

  std::size_t size() const { return values_.size(); }
  const std::vector<std::string>& values() const { return values_; }

 private:
  template <class T>
  static const T* pointer_to(const T& row) {
    return &row;
  }
  template <class T>
  static const T* pointer_to(const T* row) {
    return row;
  }
  template <class T>
  static void add_to(ArrayWriter& writer, const T& value) {
    if constexpr (requires { value.has_value(); }) {
      if (value.has_value())
        add_to(writer, *value);
      else
        writer.add_null();
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      writer.add(std::string_view(value));
    } else if constexpr (requires { value.bits; }) {
      writer.add(value.bits);
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      writer.add(static_cast<std::int64_t>(value));
    } else {
      writer.add(value);
    }
  }
  std::string& start();
  std::vector<std::string> values_;
};

}  // namespace backstitch::database
