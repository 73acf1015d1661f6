// pgBackRest, run as a program: what its repository holds, and its words when it fails.
#pragma once
#include <string>
#include <vector>

#include "stores/database/backup/backup.h"

namespace backstitch::database {

struct Stanza {
  std::vector<BackupInfo> backups;  // whole ones of the cluster as it is, oldest first
  std::string archive_last;         // name of the last segment: "000000010000000000000005"; empty when there is none
  std::string version;              // of PostgreSQL: "15"
};

class PgBackRest {
 public:
  /// `config`: its configuration file; empty: the one it reads by itself.
  PgBackRest(std::string stanza, std::string config) : stanza_(std::move(stanza)), config_(std::move(config)) {}

  /// Its standard output. As the user that PostgreSQL runs as. Code::environment when it is not installed, process_failed with
  /// its own words.
  Result<std::string> run(std::vector<std::string> arguments, std::int64_t timeout_ms) const;
  /// Code::backup_not_found when it knows no such stanza, backup_failed with its own words.
  Result<Stanza> stanza() const;
  /// A file of the archive ("000000010000000000000005", "00000002.history") into a folder; false when it is not there.
  /// `cluster`: a folder with this cluster's pg_control, which the tool asks for; empty: the one that it is configured for.
  Result<bool> get(const std::string& file, const std::string& folder, const std::string& cluster) const;
  /// For archive_command of a cluster in this folder.
  std::string archive_command(const std::string& folder) const;
  const std::string& name() const { return stanza_; }

 private:
  std::vector<std::string> begin() const;
  std::string stanza_, config_;
};

/// Of what `info --output=json` prints. Code::backup_failed when it is not what is documented.
Result<Stanza> read_stanza(const std::string& info, const std::string& name);

}  // namespace backstitch::database
