file(REMOVE_RECURSE
  "CMakeFiles/probe_on.dir/probe_on.cpp.o"
  "CMakeFiles/probe_on.dir/probe_on.cpp.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/probe_on.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
