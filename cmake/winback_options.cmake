set(WINBACK_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
option(WINBACK_FUZZ "Build libFuzzer targets (clang only)" OFF)
option(WINBACK_BENCH "Build benchmarks" OFF)

add_library(winback_options INTERFACE)
target_compile_features(winback_options INTERFACE cxx_std_20)
target_include_directories(winback_options INTERFACE ${CMAKE_CURRENT_LIST_DIR}/../src)
target_compile_options(winback_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum
  -Wno-missing-field-initializers -ffp-contract=off
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wduplicated-branches;-Wlogical-op;-Wuseless-cast>
)
if(WINBACK_SANITIZE)
  set(flags -fsanitize=${WINBACK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_compile_options(winback_options INTERFACE ${flags})
  target_link_options(winback_options INTERFACE ${flags})
endif()
if(WINBACK_FUZZ)
  # Coverage of the libraries too, not only of the fuzz target's own file.
  target_compile_options(winback_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(winback_options INTERFACE -fuse-ld=$<IF:$<CXX_COMPILER_ID:GNU>,mold,lld>)
