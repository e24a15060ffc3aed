# What is installed, in five components, which packaging/ makes a package each of (docs/packages.md).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(OAK_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/OakVerifier)
set(OAK_EXAMPLES_DIR ${CMAKE_INSTALL_DATADIR}/doc/liboakverifier-dev/examples)

# The developer's: headers, libraries, what finds them, examples.
foreach(target oakverifier oakverifier_static)
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
install(TARGETS oakverifier oakverifier_static EXPORT OakVerifierTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT developer
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT developer)
install(EXPORT OakVerifierTargets NAMESPACE OakVerifier:: DESTINATION ${OAK_CMAKE_DIR} COMPONENT developer)
install(FILES verifier/oak_verifier.h verifier/oak_verifier.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT developer)

configure_package_config_file(cmake/OakVerifierConfig.cmake.in ${CMAKE_BINARY_DIR}/OakVerifierConfig.cmake
                              INSTALL_DESTINATION ${OAK_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/OakVerifierConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/OakVerifierConfig.cmake ${CMAKE_BINARY_DIR}/OakVerifierConfigVersion.cmake
        DESTINATION ${OAK_CMAKE_DIR} COMPONENT developer)

# Paths in it start at its own place, so that an installed tree can be moved.
file(RELATIVE_PATH OAK_PREFIX_FROM_PKGCONFIG ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" OAK_PREFIX_FROM_PKGCONFIG "${OAK_PREFIX_FROM_PKGCONFIG}")
configure_file(cmake/oakverifier.pc.in ${CMAKE_BINARY_DIR}/oakverifier.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/oakverifier.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT developer)

# Likewise the library that holds a seat.
set(OAK_SEAT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/OakSeat)
foreach(target oakseat oakseat_static)
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
install(TARGETS oakseat oakseat_static EXPORT OakSeatTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT seat_runtime NAMELINK_COMPONENT seat_developer
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT seat_developer)
install(EXPORT OakSeatTargets NAMESPACE OakSeat:: DESTINATION ${OAK_SEAT_CMAKE_DIR} COMPONENT seat_developer)
install(FILES seats/oak_seat.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT seat_developer)
configure_package_config_file(cmake/OakSeatConfig.cmake.in ${CMAKE_BINARY_DIR}/OakSeatConfig.cmake
                              INSTALL_DESTINATION ${OAK_SEAT_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/OakSeatConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/OakSeatConfig.cmake ${CMAKE_BINARY_DIR}/OakSeatConfigVersion.cmake DESTINATION ${OAK_SEAT_CMAKE_DIR}
        COMPONENT seat_developer)
configure_file(cmake/oakseat.pc.in ${CMAKE_BINARY_DIR}/oakseat.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/oakseat.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT seat_developer)
install(FILES seats/example.c DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/liboakseat-dev/examples COMPONENT seat_developer)

install(FILES verifier/python/oak_verifier.py DESTINATION ${CMAKE_INSTALL_DATADIR}/oak/python COMPONENT developer)
install(FILES verifier/example.c verifier/sample.cpp DESTINATION ${OAK_EXAMPLES_DIR} COMPONENT developer)
install(PROGRAMS verifier/python/example.py DESTINATION ${OAK_EXAMPLES_DIR} COMPONENT developer)

# The tools. systemd looks for units in lib, whatever the architecture's own folder is called.
install(TARGETS oak-machine-id oak-request oak-verifier RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT site)
install(FILES packaging/oak-snapshot@.service packaging/oak-refresh@.service packaging/oak-refresh@.timer
        DESTINATION lib/systemd/system COMPONENT site)
install(FILES packaging/example-product@.service DESTINATION ${OAK_EXAMPLES_DIR} COMPONENT developer)
set(OAK_COMPLETIONS_DIR ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
foreach(tool oak-machine-id oak-request oak-verifier)
  install(FILES packaging/completion/oak.bash DESTINATION ${OAK_COMPLETIONS_DIR} RENAME ${tool} COMPONENT site)
  install(FILES packaging/man/${tool}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT site)
endforeach()
install(TARGETS oak-seat oak-seatd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT seats)
install(FILES packaging/oak-seatd@.service DESTINATION lib/systemd/system COMPONENT seats)
install(FILES packaging/man/oak-seat.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT seats)
install(FILES packaging/man/oak-seatd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT seats)
foreach(tool oak-seat oak-seatd)
  install(FILES packaging/completion/oak.bash DESTINATION ${OAK_COMPLETIONS_DIR} RENAME ${tool} COMPONENT seats)
endforeach()
install(FILES packaging/man/oak_verifier.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT developer)
if(OAK_BUILD_VENDOR)
  install(TARGETS oak-issuer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT vendor)
  install(FILES packaging/completion/oak.bash DESTINATION ${OAK_COMPLETIONS_DIR} RENAME oak-issuer COMPONENT vendor)
  install(FILES packaging/oak-issuer-serve.service DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/oak-vendor/examples COMPONENT vendor)
  install(FILES packaging/man/oak-issuer.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT vendor)
endif()
