// One PostgreSQL server on one data folder: start, stop, and what is left of it after kill -9.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.h"

namespace backstitch::database {

/// initdb into a temporary name beside `folder`, then a rename: a crash at any line leaves no half cluster under its name.
Status make_cluster(const std::string& folder);

/// Writes backstitch.conf and includes it from postgresql.conf.
Status write_configuration(const std::string& folder, const std::string& text);

/// The postmaster's pid when one serves this folder, else 0. A pid file left by kill -9, or a pid used again, counts as none.
int postmaster_of(const std::string& folder);
/// Does one serve this folder? One that was told to stop, perhaps by somebody who is dead by now, is waited for: it takes nobody
/// any more. At most two minutes.
bool is_served(const std::string& folder);
/// Where its running server is reached; one that has only just begun is waited for. Empty when none runs.
std::string socket_folder_of(const std::string& folder);

/// Returns when it takes connections; Code::database_start with the last words of its log otherwise.
/// `socket_folder` belongs to this server alone. `options` are for its command line ("-c fsync=off"), which beats every file.
Status start_server(const std::string& folder, const std::string& socket_folder, const std::string& log_file,
                    std::int64_t timeout_s, const std::string& options = {});
/// `mode`: "fast" or "immediate". No effect when it is not running.
Status stop_server(const std::string& folder, const std::string& mode);

/// Waits until nobody works in the folder any more: after kill -9 of the postmaster its backends notice and leave, and until then
/// the shared memory is theirs; of a run that was killed a program may still be at it. Helped after 5 s. Code::database_start.
Status await_leaving(const std::string& folder);

/// Everything that is dirty is written back now, so that a stop that follows has little left to write.
Status write_back(const std::string& connection);

/// Whether the server takes connections now (not while it starts or is in recovery without a consistent state).
bool takes_connections(const std::string& connection);
/// Waits until the server takes connections (it may be in recovery after a crash). Code::database_start.
Status await_connections(const std::string& connection, std::int64_t timeout_ms);
/// The same for the one that serves `folder`: one that has died meanwhile is not waited for, whoever watches it starts it again.
Status await_server(const std::string& folder, const std::string& connection, std::int64_t timeout_ms);

}  // namespace backstitch::database
