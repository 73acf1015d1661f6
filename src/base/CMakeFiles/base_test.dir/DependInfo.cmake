
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/hr/src/base/error_test.cpp" "src/base/CMakeFiles/base_test.dir/error_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/error_test.cpp.o.d"
  "/tmp/hr/src/base/files_test.cpp" "src/base/CMakeFiles/base_test.dir/files_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/files_test.cpp.o.d"
  "/tmp/hr/src/base/hash_test.cpp" "src/base/CMakeFiles/base_test.dir/hash_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/hash_test.cpp.o.d"
  "/tmp/hr/src/base/id_test.cpp" "src/base/CMakeFiles/base_test.dir/id_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/id_test.cpp.o.d"
  "/tmp/hr/src/base/json_test.cpp" "src/base/CMakeFiles/base_test.dir/json_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/json_test.cpp.o.d"
  "/tmp/hr/src/base/log_test.cpp" "src/base/CMakeFiles/base_test.dir/log_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/log_test.cpp.o.d"
  "/tmp/hr/src/base/metrics_test.cpp" "src/base/CMakeFiles/base_test.dir/metrics_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/metrics_test.cpp.o.d"
  "/tmp/hr/src/base/net/http_client_test.cpp" "src/base/CMakeFiles/base_test.dir/net/http_client_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/net/http_client_test.cpp.o.d"
  "/tmp/hr/src/base/net/http_server_test.cpp" "src/base/CMakeFiles/base_test.dir/net/http_server_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/net/http_server_test.cpp.o.d"
  "/tmp/hr/src/base/net/http_target_test.cpp" "src/base/CMakeFiles/base_test.dir/net/http_target_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/net/http_target_test.cpp.o.d"
  "/tmp/hr/src/base/probe_test.cpp" "src/base/CMakeFiles/base_test.dir/probe_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/probe_test.cpp.o.d"
  "/tmp/hr/src/base/process_test.cpp" "src/base/CMakeFiles/base_test.dir/process_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/process_test.cpp.o.d"
  "/tmp/hr/src/base/time_test.cpp" "src/base/CMakeFiles/base_test.dir/time_test.cpp.o" "gcc" "src/base/CMakeFiles/base_test.dir/time_test.cpp.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/hr/src/base/CMakeFiles/base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
