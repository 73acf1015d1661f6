file(REMOVE_RECURSE
  "../../bin/generate_errors"
  "../../bin/generate_errors.pdb"
  "CMakeFiles/generate_errors.dir/__/__/scripts/generate_errors.cpp.o"
  "CMakeFiles/generate_errors.dir/__/__/scripts/generate_errors.cpp.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/generate_errors.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
