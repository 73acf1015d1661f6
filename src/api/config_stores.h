// The part of the configuration that says where the data stores are: adapters, addresses, secrets.
#pragma once
#include <string>
#include <vector>

#include "api/config.h"

namespace backstitch::config {

struct Reader;

std::vector<Reader> store_readers();
/// What a store needs and has not, an address that holds a password, a secret that stands there itself. Asked before anything is
/// written down.
void look_for_store_faults(const Config& config, std::vector<Fault>& faults);
/// The groups of the effective configuration: queue, cache, objects, safe, s3, crm.
std::string stores_yaml(const Config& config);

}  // namespace backstitch::config
