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

# weir_room(NAME [USES room...] [PRIVATE target...] [PRECOMPILE header...])
#
# The library of one room: sources from NAME/src, headers from NAME/include/weir/NAME. Only the rooms
# under USES are visible to it, so that an include against the arrows of the house does not compile.
# Libraries under PRIVATE are its own; other rooms do not see their headers. Headers under PRECOMPILE
# are heavy and read by most of its sources: they are compiled once.
function(weir_room name)
  cmake_parse_arguments(ROOM "" "" "USES;PRIVATE;PRECOMPILE" ${ARGN})
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
  if(ROOM_PRECOMPILE)
    target_precompile_headers(weir_${name} PRIVATE ${ROOM_PRECOMPILE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # g++ 12 forgets which code of a precompiled header is the system's, and warns about std::string.
      target_compile_options(weir_${name} PRIVATE -Wno-array-bounds -Wno-stringop-overflow
        -Wno-stringop-overread)
    endif()
    if(WEIR_CCACHE) # its manual, "Precompiled headers"
      set_target_properties(weir_${name} PROPERTIES CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${WEIR_CCACHE}")
      if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(weir_${name} PRIVATE -fpch-preprocess)
      else()
        target_compile_options(weir_${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
      endif()
    endif()
  endif()
endfunction()
