// Where PostgreSQL's server programs lie, and running them as the user the server runs as.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/process.h"

namespace backstitch::database {

/// "initdb" → "/usr/lib/postgresql/15/bin/initdb". Code::environment when PostgreSQL 15 or later is not installed.
Result<std::string> postgres_program(const std::string& name);

/// Of that version ("15"), or of the one of the cluster in this folder.
Result<std::string> postgres_program_of(const std::string& name, const std::string& version);
Result<std::string> postgres_program_for(const std::string& name, const std::string& folder);

/// The user PostgreSQL runs as: "postgres" when we are root (it refuses root), else empty (ourselves).
std::string server_user();

/// Runs a program as server_user(), in `folder` (empty: /); Code::process_failed with its last words when it ends with another
/// status than 0. It dies with us; a server that it has started does not.
Result<std::string> run_as_server(std::vector<std::string> argv, std::int64_t timeout_ms, const std::string& folder = {});

/// Makes the folder when missing and gives it to server_user(). `mode` holds in any case.
Status make_server_folder(const std::string& path, int mode = 0700);

/// Whether server_user() can reach (search) the folder: every folder above it is open to it.
bool server_reaches(const std::string& folder);

}  // namespace backstitch::database
