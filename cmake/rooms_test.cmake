# Proves that the walls between rooms stand. Run by ctest:
#   cmake -DCOMPILER=… -DSOURCE=<src> -DSTAGES=<build>/rooms -DSCRATCH=… -P rooms_test.cmake
file(MAKE_DIRECTORY ${SCRATCH})

function(compiles include out)
  file(WRITE ${SCRATCH}/probe.cpp "#if !__has_include(\"${include}\")\n#error not found\n#endif\n")
  execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only -I${STAGES}/base ${SCRATCH}/probe.cpp
                  RESULT_VARIABLE status ERROR_QUIET)
  if(status EQUAL 0)
    set(${out} TRUE PARENT_SCOPE)
  else()
    set(${out} FALSE PARENT_SCOPE)
  endif()
endfunction()

compiles(base/error.h own)
if(NOT own)
  message(FATAL_ERROR "the room base does not see base/error.h: this test would prove nothing")
endif()
file(GLOB_RECURSE headers RELATIVE ${SOURCE} ${SOURCE}/model/*.h ${SOURCE}/stores/*.h)
foreach(header ${headers})
  compiles(${header} seen)
  if(seen)
    message(FATAL_ERROR "the room base sees ${header}")
  endif()
endforeach()

# The one way around an include path is a relative include.
file(GLOB_RECURSE sources ${SOURCE}/*.cpp ${SOURCE}/*.h)
foreach(source ${sources})
  file(STRINGS ${source} climbing REGEX "#include *[\"<]\\.\\./")
  if(climbing)
    message(FATAL_ERROR "${source} climbs out of its room: ${climbing}")
  endif()
endforeach()
