// A folder as a row of pieces that a store of objects can hold: a tar stream, cut, each piece compressed by itself (zstd). All
// pieces one behind the other are what `zstd -d | tar -x` takes.
#pragma once
#include <functional>
#include <string>

#include "base/error.h"

namespace backstitch::database {

std::string compressed(std::string_view content);
Result<std::string> decompressed(std::string_view content);  // Code::restore_failed

/// Gives away the pieces in their order, from 0 on, and returns how many they were; tar runs as the server's user.
/// Code::backup_failed, and whatever `take` fails with.
Result<int> pack_folder(const std::string& folder, const std::function<Status(int, const std::string&)>& take);

/// Into a folder that is there and empty, or holds what an earlier life left. Code::restore_failed, disk_full, and whatever
/// `give` fails with.
Status unpack_folder(const std::string& folder, int pieces, const std::function<Result<std::string>(int)>& give);

}  // namespace backstitch::database
