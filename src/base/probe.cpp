#include "base/probe.h"

namespace backstitch {

const char* probe_name(Probe probe) {
  switch (probe) {
    case Probe::after_mark: return "after-mark";
    case Probe::after_send: return "after-send";
    case Probe::after_answer: return "after-answer";
    case Probe::before_commit: return "before-commit";
    case Probe::between_commit_and_publish: return "between-commit-and-publish";
    case Probe::during_log_sync: return "during-log-sync";
    case Probe::stopping_platform: return "stopping-platform";
    case Probe::becoming_live: return "becoming-live";
  }
  return "";
}

const char* guard_name(Guard guard) {
  switch (guard) {
    case Guard::mark: return "mark";
    case Guard::answer_index: return "answer-index";
    case Guard::derived_ids: return "derived-ids";
    case Guard::positions: return "positions";
    case Guard::epoch: return "epoch";
    case Guard::durable_before_visible: return "durable-before-visible";
    case Guard::seal: return "seal";
    case Guard::epoch_database: return "epoch-database";
    case Guard::closed_flag: return "closed-flag";
    case Guard::evidence_before_rewind: return "evidence-before-rewind";
    case Guard::adoption: return "adoption";
    case Guard::drain: return "drain";
    case Guard::rule: return "rule";
  }
  return "";
}

}  // namespace backstitch
