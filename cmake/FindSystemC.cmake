# SystemC::systemc, from a CMake package where there is one (newer or self-built SystemC), else from pkg-config
# (Debian's libsystemc-dev ships no CMake package). The library's ABI tag demands C++17 of whoever includes <systemc>.
find_package(SystemCLanguage CONFIG QUIET)
if(TARGET SystemC::systemc)
    set(SystemC_FOUND TRUE)
    set(SystemC_VERSION ${SystemCLanguage_VERSION})
    return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(SYSTEMC QUIET IMPORTED_TARGET systemc)
endif()
set(SystemC_VERSION ${SYSTEMC_VERSION})
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SystemC REQUIRED_VARS SYSTEMC_FOUND VERSION_VAR SystemC_VERSION
    REASON_FAILURE_MESSAGE "install SystemC 2.3.4 or newer (Debian: libsystemc-dev, pkg-config)")
if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
    add_library(SystemC::systemc INTERFACE IMPORTED)
    target_link_libraries(SystemC::systemc INTERFACE PkgConfig::SYSTEMC Threads::Threads)
endif()
