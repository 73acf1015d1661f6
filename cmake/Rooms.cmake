# A room is one folder of src/ and one library. It sees only the rooms it names (and theirs): a wrong include does not
# compile, because include paths are per room (src/<room> is reached as <room>/… through a staged folder of one link).
# The test "rooms" proves it (cmake/rooms_test.cmake).
#
#   backstitch_room(engine DEPENDS rules LINKS Boost::json [WITHOUT file.cpp …])
#
# Unit tests stand beside their source: every *_test.cpp of a room becomes one test binary, <room>_test. New files are
# picked up by the next build. WITHOUT leaves files out, by regular expression on their path. SLOW names what needs more than some
# seconds (a filter of gtest): it becomes a test of its own, <room>_slow.
function(backstitch_room name)
  cmake_parse_arguments(ROOM "" "SLOW" "DEPENDS;LINKS;WITHOUT" ${ARGN})
  set(stage ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${stage})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${stage}/${name} SYMBOLIC)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  foreach(pattern ${ROOM_WITHOUT})
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/main\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    set(kind PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(${name} ${kind} ${stage})
  target_link_libraries(${name} ${kind} ${ROOM_DEPENDS} ${ROOM_LINKS})
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gtest_main)
    if(ROOM_SLOW)
      add_test(NAME ${name} COMMAND ${name}_test "--gtest_filter=-${ROOM_SLOW}")
      add_test(NAME ${name}_slow COMMAND ${name}_test "--gtest_filter=${ROOM_SLOW}")
      set_tests_properties(${name}_slow PROPERTIES LABELS slow TIMEOUT 600)
    else()
      add_test(NAME ${name} COMMAND ${name}_test)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS fast TIMEOUT 240)
  endif()
endfunction()
