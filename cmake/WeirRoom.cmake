# Options that every target of ours is compiled with.
add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns about its own std::string (GCC bug 105651).
  target_compile_options(weir_options INTERFACE -Wno-restrict)
endif()
if(WEIR_WERROR)
  target_compile_options(weir_options INTERFACE -Werror)
endif()
if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()

if(WEIR_FUZZ)
  # The rooms report to the fuzzer which of their branches an input takes.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# weir_room(NAME [USES room...] [PRIVATE target...])
#
# The library of one room: sources from NAME/src, headers from NAME/include/weir/NAME. Only the rooms
# under USES are visible to it, so that an include against the arrows of the house does not compile.
# Libraries under PRIVATE are its own; other rooms do not see their headers.
function(weir_room name)
  cmake_parse_arguments(ROOM "" "" "USES;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${name}/src/*.cpp)
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/empty.cpp)
  endif()
  add_library(weir_${name} STATIC ${sources})
  target_include_directories(weir_${name} PUBLIC ${name}/include PRIVATE ${name}/src)
  foreach(room IN LISTS ROOM_USES)
    target_link_libraries(weir_${name} PUBLIC weir_${room})
  endforeach()
  target_link_libraries(weir_${name} PRIVATE weir_options ${ROOM_PRIVATE})
endfunction()
