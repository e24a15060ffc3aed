#!/usr/bin/env bash
# Goal: a product somewhere else on the disk builds against an installed tree, by find_package and by pkg-config, in C and in C++17,
# shared and static, and gets an answer; the tree still serves after it was moved; what is asked for and isn't there is refused. The
# library's name, version node and struct size are those of ABI 1.
# What it doesn't prove: that an old program runs with a newer library; tests/unit/verifier_api_test.cpp has the sizes' rule.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
build=$2
if grep -q '^OAK_SANITIZE:[A-Z]*=..*' "$build/CMakeCache.txt"; then cannot "a library full of sanitizers is nobody's"; fi

for component in runtime developer; do gives 0 cmake --install "$build" --prefix "$here/first" --component $component; done
mv first tree
library=$(dirname "$(find "$here/tree" -name liboakverifier.so)")
examples=tree/share/doc/liboakverifier-dev/examples
[ -n "$library" ] || die "the library was not installed"

# built PROGRAM WHY: it runs, and without any trust or state says that nothing is activated.
built() {
  local program=$1
  gives 1 env LD_LIBRARY_PATH="$library" "$program" planner 3.5 1 "$here/no-state"
  says '"verdict": "not-activated"'
}

mkdir consumer
cat >consumer/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.16)
project(consumer LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_EXTENSIONS OFF)
find_package(OakVerifier ${WANTED} REQUIRED)
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
add_executable(shared example.c)
target_link_libraries(shared PRIVATE OakVerifier::oakverifier)
add_executable(static example.c)
target_link_libraries(static PRIVATE OakVerifier::oakverifier_static)
add_executable(sample sample.cpp)
target_link_libraries(sample PRIVATE OakVerifier::oakverifier)
CMAKE
cp $examples/example.c $examples/sample.cpp consumer
find_package() { cmake -S consumer -B "$1" -DCMAKE_PREFIX_PATH="$here/tree" -DCMAKE_BUILD_TYPE=Release "${@:2}"; }
gives 0 find_package by-cmake -DWANTED=0.1
gives 0 cmake --build by-cmake
built by-cmake/shared
built by-cmake/static
readelf -d by-cmake/shared | grep -q 'NEEDED.*\[liboakverifier\.so\.1\]' || die "the product doesn't ask for liboakverifier.so.1"
! readelf -d by-cmake/static | grep -q 'NEEDED.*oakverifier' || die "the static product needs the shared library"
echo line >book
gives 1 by-cmake/sample book --add 'never written' --state-dir "$here/no-state"
complains '^not-activated$'
gives 1 find_package too-new -DWANTED=1.0
complains 'version'
gives 1 find_package unknown -DWANTED='0.1;COMPONENTS;seats'

by_pkg_config() { env -u PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH="$library/pkgconfig" pkg-config "$@" oakverifier; }
gives 0 by_pkg_config --modversion
says "^$(sed -n 's/^project(oak VERSION \([0-9.]*\) .*/\1/p' "$PROJECT/CMakeLists.txt")\$"
flags() { by_pkg_config "$@" | tr -s ' \n' '\n' | grep .; }
mapfile -t compile < <(flags --cflags)
mapfile -t link < <(flags --libs)
mapfile -t link_static < <(flags --static --libs | sed 's/^-loakverifier$/-l:liboakverifier.a/')
gives 0 cc -std=c11 -Wpedantic -Werror "${compile[@]}" consumer/example.c "${link[@]}" -o by-pkg-config
built ./by-pkg-config
gives 0 cc -std=c11 "${compile[@]}" consumer/example.c "${link_static[@]}" -o by-pkg-config-static
built ./by-pkg-config-static
gives 0 c++ -std=c++20 -fno-exceptions -Wpedantic -Werror "${compile[@]}" consumer/sample.cpp "${link[@]}" -o sample-20
gives 0 /usr/bin/env LD_LIBRARY_PATH="$library" ./sample-20 book

# What a program that was built against ABI 1 relies on.
readelf -d "$library/liboakverifier.so" | grep -q 'SONAME.*\[liboakverifier\.so\.1\]' || die "the library has another name"
nm -D --defined-only "$library/liboakverifier.so" | awk '$2 == "T" {print $3}' | sort >exported
printf 'oak_%s@@OAK_1\n' answer_json answer_text check close open status_name verdict_name | cmp - exported || die "ABI 1 has other functions"
cat >sizes.c <<'C'
#include <oak_verifier.h>
#define AT(member) __builtin_offsetof(oak_config, member)
_Static_assert(sizeof(void *) != 8 || (sizeof(oak_config) == 48 && AT(seats_in_use) == 4 && AT(product) == 8 && AT(version) == 16 &&
               AT(trust) == 24 && AT(trust_len) == 32 && AT(state_dir) == 40), "oak_config is another struct");
C
gives 0 cc -c -Werror "${compile[@]}" sizes.c
passed
