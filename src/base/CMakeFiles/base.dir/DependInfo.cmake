
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/hr/src/base/assert.cpp" "src/base/CMakeFiles/base.dir/assert.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/assert.cpp.o.d"
  "/tmp/hr/src/base/error.cpp" "src/base/CMakeFiles/base.dir/error.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/error.cpp.o.d"
  "/tmp/hr/src/base/files.cpp" "src/base/CMakeFiles/base.dir/files.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/files.cpp.o.d"
  "/tmp/hr/src/base/hash.cpp" "src/base/CMakeFiles/base.dir/hash.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/hash.cpp.o.d"
  "/tmp/hr/src/base/id.cpp" "src/base/CMakeFiles/base.dir/id.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/id.cpp.o.d"
  "/tmp/hr/src/base/json.cpp" "src/base/CMakeFiles/base.dir/json.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/json.cpp.o.d"
  "/tmp/hr/src/base/log.cpp" "src/base/CMakeFiles/base.dir/log.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/log.cpp.o.d"
  "/tmp/hr/src/base/metrics.cpp" "src/base/CMakeFiles/base.dir/metrics.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/metrics.cpp.o.d"
  "/tmp/hr/src/base/net/http_client.cpp" "src/base/CMakeFiles/base.dir/net/http_client.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/net/http_client.cpp.o.d"
  "/tmp/hr/src/base/net/http_message.cpp" "src/base/CMakeFiles/base.dir/net/http_message.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/net/http_message.cpp.o.d"
  "/tmp/hr/src/base/net/http_server.cpp" "src/base/CMakeFiles/base.dir/net/http_server.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/net/http_server.cpp.o.d"
  "/tmp/hr/src/base/net/http_target.cpp" "src/base/CMakeFiles/base.dir/net/http_target.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/net/http_target.cpp.o.d"
  "/tmp/hr/src/base/probe.cpp" "src/base/CMakeFiles/base.dir/probe.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/probe.cpp.o.d"
  "/tmp/hr/src/base/probe_off.cpp" "src/base/CMakeFiles/base.dir/probe_off.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/probe_off.cpp.o.d"
  "/tmp/hr/src/base/process.cpp" "src/base/CMakeFiles/base.dir/process.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/process.cpp.o.d"
  "/tmp/hr/src/base/process_start.cpp" "src/base/CMakeFiles/base.dir/process_start.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/process_start.cpp.o.d"
  "/tmp/hr/src/base/time.cpp" "src/base/CMakeFiles/base.dir/time.cpp.o" "gcc" "src/base/CMakeFiles/base.dir/time.cpp.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
