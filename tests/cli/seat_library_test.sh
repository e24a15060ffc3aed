#!/usr/bin/env bash
# Goal: liboakseat from C99 with a real server: a seat is lent, kept by the caller's own turns or by the library's thread, shared by programs,
# lost when the server is gone and back when it is, borrowed and given back; each wrong use has its status; the installed library is found by
# pkg-config and CMake, shared and static.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/seat_server.sh
. "$PROJECT/tests/cli/seat_server.sh"
new_desk desk
activated # one seat
find_port
serve --ttl 3
enrolled 1 && enrolled 2

# Installed as packages would have it, and found by those who look for it.
gives 0 cmake --install "$2" --prefix "$here/usr" --component seat_runtime
gives 0 cmake --install "$2" --prefix "$here/usr" --component seat_developer
export PKG_CONFIG_PATH=$here/usr/lib/pkgconfig:$here/usr/lib/x86_64-linux-gnu/pkgconfig:$here/usr/lib/aarch64-linux-gnu/pkgconfig
libs=$(pkg-config --variable=libdir oakseat)
export LD_LIBRARY_PATH=$libs
# shellcheck disable=SC2046  # words
gives 0 cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$PROJECT/tests/seats/library.c" $(pkg-config --cflags --libs oakseat) -o library
# shellcheck disable=SC2046
gives 0 cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$PROJECT/seats/example.c" $(pkg-config --cflags --libs oakseat) -o example
mkdir consumer
cat >consumer/CMakeLists.txt <<TEXT
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C CXX)
find_package(OakSeat 0.1 REQUIRED)
add_executable(shared_one $PROJECT/tests/seats/library.c)
target_link_libraries(shared_one PRIVATE OakSeat::oakseat)
add_executable(static_one $PROJECT/tests/seats/library.c)
set_target_properties(static_one PROPERTIES LINKER_LANGUAGE CXX)
target_link_libraries(static_one PRIVATE OakSeat::oakseat_static)
TEXT
gives 0 cmake -S consumer -B consumer/build -DCMAKE_PREFIX_PATH="$here/usr"
gives 0 cmake --build consumer/build

for program in ./library consumer/build/static_one; do
  gives 0 "$program" arguments c1
  gives 0 "$program" turns c1 c2
  gives 0 "$program" keeps c1
  gives 0 "$program" shares c1 c2
done
gives 0 ./library borrows c1

# The server goes, and comes back.
./library loses c1 >library.out 2>&1 &
program=$!
for _ in $(seq 100); do
  if grep -q '^held' library.out; then break; fi
  sleep 0.05
done
kill -9 "$server"
wait "$server" 2>/dev/null || true
for _ in $(seq 200); do
  if grep -q '^lost' library.out; then break; fi
  sleep 0.05
done
serve --ttl 3
wait "$program" || die "who lost a seat did not get it back: $(cat library.out)"

./example planner 1 c1 >example.out 2>&1 || die "the example fails: $(cat example.out)"
grep -q '^with all functions, from the network' example.out || die "the example has no seat: $(cat example.out)"
# Refused, in words.
cp -a c1 copy
gives 0 ./library turns c1 c2
gives 3 ./library refused copy
says 'second-holder'
passed
