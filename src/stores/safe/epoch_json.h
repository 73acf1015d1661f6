// The epoch as it stands in a store: {"n":3,"open":false,"saga":"rec-…"}.
#pragma once
#include <string>

#include "stores/safe/port.h"

namespace backstitch::safe {

/// `write`, when given, stands there, too: it tells one change from another one of the same content.
std::string epoch_json(const Epoch& epoch, const std::string& write = {});
/// Code::checksum_mismatch; `where` is its place, in words.
Result<Epoch> read_epoch(const std::string& where, const std::string& content);
std::string write_of_epoch(const std::string& content);  // empty: none

/// Code::epoch_conflict when `expected` is not what stands there, or the number would go back.
Status check_change(const Epoch& found, const Epoch& expected, const Epoch& wanted);

}  // namespace backstitch::safe
