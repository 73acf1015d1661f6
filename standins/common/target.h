// Where the platform listens. A restarted platform may have another port; the truth is its endpoints file.
#pragma once
#include <mutex>
#include <string>

namespace backstitch::standin {

/// Thread-safe.
class Target {
 public:
  /// `endpoints_file` holds {"api":"http://127.0.0.1:8480",…} and wins over `url`; either may be empty, not both.
  Target(std::string url, std::string endpoints_file);

  std::string url() const;  // without a slash at its end; empty while the file is not there
  /// Reads the file again; to be called after a failed connection. An unreadable file leaves the address as it was.
  void refresh();

 private:
  const std::string endpoints_file_;
  mutable std::mutex mutex_;
  std::string url_;
};

}  // namespace backstitch::standin
