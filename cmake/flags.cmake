# Warnings for every target, and the hardening that security-sensitive tools ship with.
option(OAK_WERROR "Warnings are errors" OFF)
option(OAK_HARDEN "The hardening flags of a release" OFF)
set(OAK_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them (empty: none)")

add_library(oak_flags INTERFACE)
target_include_directories(oak_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(oak_flags INTERFACE OAK_VERSION="${PROJECT_VERSION}")
target_compile_options(oak_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual>)
# g++ 12 warns of overlap in std::string's own code (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(oak_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(OAK_WERROR)
  target_compile_options(oak_flags INTERFACE -Werror)
endif()
if(OAK_SANITIZE)
  add_compile_options(-fsanitize=${OAK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OAK_SANITIZE})
endif()
if(OAK_HARDEN)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
    -D_GLIBCXX_ASSERTIONS -ftrivial-auto-var-init=zero)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection=full)
  endif()
  add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
  # What is built is the same wherever it is built.
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  # Each page that a program has not is one that its start need not fetch. -O3 makes a half more of them, and nothing faster.
  add_compile_options(-O2 -ffunction-sections -fdata-sections)
  add_link_options(LINKER:--gc-sections)
endif()

# Position-independent executables; the verifier's tool makes itself a static one.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)
