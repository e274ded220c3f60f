# Matio::matio, from pkg-config: Debian's libmatio-dev ships no CMake package.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(MATIO QUIET IMPORTED_TARGET matio)
endif()
set(Matio_VERSION ${MATIO_VERSION})
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Matio REQUIRED_VARS MATIO_FOUND VERSION_VAR Matio_VERSION
    REASON_FAILURE_MESSAGE "install matio (Debian: libmatio-dev, pkg-config)")
if(Matio_FOUND AND NOT TARGET Matio::matio)
    add_library(Matio::matio INTERFACE IMPORTED)
    target_link_libraries(Matio::matio INTERFACE PkgConfig::MATIO)
endif()
