// The demo from its first word to its last comparison.
#pragma once
#include "demo/report.h"
#include "demo/voice.h"

namespace backstitch::demo {

/// What is left when it is over.
struct Ended {
  Report report;
  std::string kept_folder;  // empty when nothing is left
};

/// Runs everything and cleans up in every case: after errors and interrupts too. The folder stays when --keep was given, when it
/// did not close, and after an error once the platform had started; never after an interrupt without --keep.
Result<Ended> run_demo(const Options& options, Voice& voice);

/// Compares again what a demo has kept (Options::check): starts the platform, the org and the system on the folder, and leaves
/// it there.
Result<Ended> check_again(const Options& options, Voice& voice);

}  // namespace backstitch::demo
