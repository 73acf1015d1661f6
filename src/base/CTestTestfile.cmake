# CMake generated Testfile for 
# Source directory: /tmp/hr/src/base
# Build directory: /tmp/hr/src/base
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[base]=] "/tmp/hr/bin/base_test")
set_tests_properties([=[base]=] PROPERTIES  LABELS "fast" TIMEOUT "120" _BACKTRACE_TRIPLES "/tmp/hr/cmake/Rooms.cmake;33;add_test;/tmp/hr/src/base/CMakeLists.txt;12;backstitch_room;/tmp/hr/src/base/CMakeLists.txt;0;")
add_test([=[probe_on]=] "/tmp/hr/bin/probe_on_test")
set_tests_properties([=[probe_on]=] PROPERTIES  LABELS "fast" TIMEOUT "60" _BACKTRACE_TRIPLES "/tmp/hr/src/base/CMakeLists.txt;25;add_test;/tmp/hr/src/base/CMakeLists.txt;0;")
