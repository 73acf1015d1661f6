file(REMOVE_RECURSE
  "../../bin/base_test"
  "../../bin/base_test.pdb"
  "CMakeFiles/base_test.dir/error_test.cpp.o"
  "CMakeFiles/base_test.dir/error_test.cpp.o.d"
  "CMakeFiles/base_test.dir/files_test.cpp.o"
  "CMakeFiles/base_test.dir/files_test.cpp.o.d"
  "CMakeFiles/base_test.dir/hash_test.cpp.o"
  "CMakeFiles/base_test.dir/hash_test.cpp.o.d"
  "CMakeFiles/base_test.dir/id_test.cpp.o"
  "CMakeFiles/base_test.dir/id_test.cpp.o.d"
  "CMakeFiles/base_test.dir/json_test.cpp.o"
  "CMakeFiles/base_test.dir/json_test.cpp.o.d"
  "CMakeFiles/base_test.dir/log_test.cpp.o"
  "CMakeFiles/base_test.dir/log_test.cpp.o.d"
  "CMakeFiles/base_test.dir/metrics_test.cpp.o"
  "CMakeFiles/base_test.dir/metrics_test.cpp.o.d"
  "CMakeFiles/base_test.dir/net/http_client_test.cpp.o"
  "CMakeFiles/base_test.dir/net/http_client_test.cpp.o.d"
  "CMakeFiles/base_test.dir/net/http_server_test.cpp.o"
  "CMakeFiles/base_test.dir/net/http_server_test.cpp.o.d"
  "CMakeFiles/base_test.dir/net/http_target_test.cpp.o"
  "CMakeFiles/base_test.dir/net/http_target_test.cpp.o.d"
  "CMakeFiles/base_test.dir/probe_test.cpp.o"
  "CMakeFiles/base_test.dir/probe_test.cpp.o.d"
  "CMakeFiles/base_test.dir/process_test.cpp.o"
  "CMakeFiles/base_test.dir/process_test.cpp.o.d"
  "CMakeFiles/base_test.dir/time_test.cpp.o"
  "CMakeFiles/base_test.dir/time_test.cpp.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/base_test.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
