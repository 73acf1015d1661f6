file(REMOVE_RECURSE
  "../../bin/probe_on_test"
  "../../bin/probe_on_test.pdb"
  "CMakeFiles/probe_on_test.dir/probe_on_test.cpp.o"
  "CMakeFiles/probe_on_test.dir/probe_on_test.cpp.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/probe_on_test.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
