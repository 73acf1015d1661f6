#include "stores/database/postgres/parameters.h"

#include "stores/database/postgres/wire.h"

namespace backstitch::database {

using wire::append;

ArrayWriter::ArrayWriter(std::string& out, Element element, std::size_t count) : out_(out) {
  append(out_, std::uint32_t{1});  // dimensions
  append(out_, std::uint32_t{1});  // may hold nulls
  append(out_, static_cast<std::uint32_t>(element));
  append(out_, static_cast<std::uint32_t>(count));
  append(out_, std::uint32_t{1});  // first index
}

void ArrayWriter::add_null() { append(out_, ~std::uint32_t{0}); }

void ArrayWriter::add(bool value) {
  append(out_, std::uint32_t{1});
  out_.push_back(value ? 1 : 0);
}

void ArrayWriter::add(std::int32_t value) {
  append(out_, std::uint32_t{4});
  append(out_, static_cast<std::uint32_t>(value));
}

void ArrayWriter::add(std::int64_t value) {
  append(out_, std::uint32_t{8});
  append(out_, static_cast<std::uint64_t>(value));
}

void ArrayWriter::add(std::string_view value) {
  append(out_, static_cast<std::uint32_t>(value.size()));
  out_.append(value);
}

void ArrayWriter::add(Time value) { add(value.us - wire::microseconds_1970_to_2000); }

void ArrayWriter::add(Bits128 value) {
  append(out_, std::uint32_t{16});
  append(out_, value.hi);
  append(out_, value.lo);
}

std::string& Parameters::start() { return values_.emplace_back(); }

Parameters& Parameters::int4(std::int32_t value) {
  append(start(), static_cast<std::uint32_t>(value));
  return *this;
}

Parameters& Parameters::int8(std::int64_t value) {
  append(start(), static_cast<std::uint64_t>(value));
  return *this;
}

Parameters& Parameters::boolean(bool value) {
  start().push_back(value ? 1 : 0);
  return *this;
}

Parameters& Parameters::text(std::string_view value) {
  start().append(value);
  return *this;
}

Parameters& Parameters::uuid(Bits128 value) {
  std::string& out = start();
  append(out, value.hi);
  append(out, value.lo);
  return *this;
}

Parameters& Parameters::time(Time value) { return int8(value.us - wire::microseconds_1970_to_2000); }

}  // namespace backstitch::database
