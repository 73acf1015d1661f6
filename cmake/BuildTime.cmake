# Tests are a third of all files, and most of their time was the parsing of gtest, Boost.JSON and the library, and the optimising of
# code that runs once. So they share one precompiled header (of libraries only: a change of ours rebuilds what includes it and
# nothing else) and are not optimised; what they test is. An include that is missing is seen by the other presets, which go without.
#
#   backstitch_save_build_time()   behind all targets; the shared header belongs to base_test
option(BACKSTITCH_SAVE_BUILD_TIME "parse the headers of tests once and do not optimise tests" OFF)
set(BACKSTITCH_COMMON_HEADERS <algorithm> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <filesystem> <functional> <map>
  <memory> <mutex> <optional> <set> <string> <string_view> <thread> <unordered_map> <utility> <vector>
  <tl/expected.hpp> <boost/json.hpp>)

function(backstitch_targets folder out)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(sub ${below})
    backstitch_targets(${sub} more)
    list(APPEND targets ${more})
  endforeach()
  set(${out} ${targets} PARENT_SCOPE)
endfunction()

function(backstitch_save_build_time)
  if(NOT BACKSTITCH_SAVE_BUILD_TIME)
    return()
  endif()
  target_precompile_headers(base_test PRIVATE ${BACKSTITCH_COMMON_HEADERS} <gtest/gtest.h>)
  backstitch_targets(${CMAKE_SOURCE_DIR} targets)
  foreach(target ${targets})
    get_target_property(kind ${target} TYPE)
    if(kind STREQUAL EXECUTABLE AND target MATCHES "_(test|probe)$")
      target_compile_options(${target} PRIVATE -O0)
      if(NOT target STREQUAL base_test)
        target_precompile_headers(${target} REUSE_FROM base_test)
      endif()
    endif()
  endforeach()
endfunction()
