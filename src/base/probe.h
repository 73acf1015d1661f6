// Places where a crash must be survivable, and guards that a test takes out to see its check go red.
//
// Two link-time variants: base links probe_off.cpp (every call is empty, no switch exists); test binaries put
// probe_on.cpp before it. With probe_on:
//   BACKSTITCH_PROBE=after-mark:17            kill -9 oneself at the 17th hit
//   BACKSTITCH_PROBE_LOG=FILE                 append the probe's name to FILE before dying (a probe never hit is red)
//   BACKSTITCH_TESTING_DISABLE=mark,epoch     the guard of that name is out
#pragma once
namespace backstitch {

enum class Probe {
  after_mark,
  after_send,
  after_answer,
  before_commit,
  between_commit_and_publish,
  during_log_sync,
  // Of a recovery.
  stopping_platform,  // before and behind each line that stops the platform
  becoming_live,      // between the lines with which a copy becomes the database
};
enum class Guard {
  mark,
  answer_index,
  derived_ids,
  positions,
  epoch,
  durable_before_visible,
  // Of a recovery.
  seal,                    // records of an ended epoch behind the seal are no evidence
  epoch_database,          // the restored database bears the recovery's epoch
  closed_flag,             // while a recovery holds the epoch nobody else writes
  evidence_before_rewind,  // queues and the last WAL are kept before anything goes back
  adoption,                // a recorded answer is taken instead of a call
  drain,                   // what derived queues hold is evidence, never a command
  // No guard but a planted fault: conditions decide wrongly while it is out.
  rule
};

const char* probe_name(Probe probe);  // "after-mark"
const char* guard_name(Guard guard);  // "answer-index"

void hit(Probe probe);
/// True unless a test build was told to leave the guard out.
bool guarded(Guard guard);
bool testing_build();

}  // namespace backstitch
