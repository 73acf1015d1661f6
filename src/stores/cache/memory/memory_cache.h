// The cache in the memory of the process; gone with it.
#pragma once
#include <cstddef>
#include <memory>

#include "stores/cache/port.h"

namespace backstitch::cache {

/// Above entries_max in a space, those go first that would expire first.
std::unique_ptr<Cache> make_memory_cache(std::size_t entries_max = 100'000);

}  // namespace backstitch::cache
