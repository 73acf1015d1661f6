// The part of the configuration that says whose the database is, which part of the instance this process is, and where others
// reach it.
#pragma once
#include <string>
#include <vector>

#include "api/config.h"

namespace backstitch::config {

struct Reader;

std::vector<Reader> member_readers();
void look_for_member_faults(const Config& config, std::vector<Fault>& faults);
std::string backup_yaml(const Config& config);
/// The groups database, roles and member of the effective configuration.
std::string members_yaml(const Config& config);

}  // namespace backstitch::config
