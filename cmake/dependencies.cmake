# Every library from outside, each behind one target.
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
find_package(tl-expected REQUIRED)

if(OAK_BUILD_VENDOR)
  find_package(SQLiteCpp REQUIRED)
endif()
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
if(OAK_BUILD_TESTS)
  find_package(Catch2 2.13 REQUIRED)
endif()
