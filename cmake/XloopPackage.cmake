# `cpack` makes Debian packages: xloop, the programs, and libxloop-dev, what programs of one's own are built with.
set(CPACK_PACKAGE_NAME xloop)
set(CPACK_PACKAGE_VERSION ${XLOOP_PACKAGE_VERSION})
set(CPACK_PACKAGE_VENDOR "XLoop")
set(CPACK_PACKAGE_CONTACT "XLoop developers <xloop@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME xloop)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
if(XLOOP_WITH_TORCH)
    set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS libopenblas0)  # LibTorch is content with the 30 times slower reference BLAS
endif()
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "dataset-fashion-mnist, gnuplot-nox")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "One programmed chip, run untimed for accuracy and cycle by cycle in SystemC for cycles, energy and area.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libxloop-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "xloop (= ${XLOOP_PACKAGE_VERSION}), pkg-config, libeigen3-dev, libyaml-cpp-dev, libspdlog-dev, nlohmann-json3-dev, zlib1g-dev, \
libpng-dev, libjpeg-dev, libmatio-dev, libsqlite3-dev, libsystemc-dev, libprotobuf-dev, libonnx-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers, static libraries and CMake package of XLoop.")
if(XLOOP_WITH_TORCH)
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS libtorch-dev)
endif()

include(CPack)
