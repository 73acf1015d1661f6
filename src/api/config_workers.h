// The part of the configuration that says what workers there are, where they run, and how they reach the platform.
#pragma once
#include <string>
#include <vector>

#include "api/config.h"

namespace backstitch::config {

struct Reader;

std::vector<Reader> worker_readers();
/// A port for workers that others than this machine reach without a secret; what Kubernetes needs and has not. Asked before
/// anything is written down.
void look_for_worker_faults(const Config& config, std::vector<Fault>& faults);
/// Of the group `listen`.
std::string workers_listen_yaml(const Config& config);
/// The group `workers`.
std::string workers_yaml(const Config& config);

}  // namespace backstitch::config

namespace backstitch {

/// What a worker far away needs of a configuration: the commands of auto tasks. Empty when there are none.
std::string workers_part_yaml(const Config& config);

}  // namespace backstitch
