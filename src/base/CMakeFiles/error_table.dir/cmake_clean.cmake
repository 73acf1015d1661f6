file(REMOVE_RECURSE
  "../../generated/base/error_table.inc"
  "CMakeFiles/error_table"
)

# Per-language clean rules from dependency scanning.
foreach(lang )
  include(CMakeFiles/error_table.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
