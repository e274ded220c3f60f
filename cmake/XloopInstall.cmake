# What `cmake --install` copies: programs with their configurations, manual pages, completion and documents (component `program`);
# headers, static libraries and the CMake package XLoop (component `development`).
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/XLoop)
set(share ${CMAKE_INSTALL_DATADIR}/xloop)

# Programs
install(TARGETS xloop RUNTIME COMPONENT program)
if(XLOOP_WITH_TORCH)
    install(TARGETS xloop-torch RUNTIME COMPONENT program)
    if(TARGET xloop_torch_ops)
        install(TARGETS xloop_torch_ops LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/xloop COMPONENT program)
    endif()
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs DESTINATION ${share} COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT program PATTERN Doxyfile EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT program)

# Manual pages and completion, which the program writes itself.
set(shell_files ${PROJECT_BINARY_DIR}/shell)
add_custom_command(
    OUTPUT ${shell_files}/bash ${shell_files}/zsh ${shell_files}/man/xloop.1
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${shell_files}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${shell_files}
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 $<TARGET_FILE:xloop> man-pages ${shell_files}/man
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 $<TARGET_FILE:xloop> completion bash > ${shell_files}/bash
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 $<TARGET_FILE:xloop> completion zsh > ${shell_files}/zsh
    DEPENDS xloop
    COMMENT "Writing manual pages and completion" VERBATIM)
add_custom_target(xloop_shell_files ALL DEPENDS ${shell_files}/bash)
install(DIRECTORY ${shell_files}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program FILES_MATCHING PATTERN "*.1")
install(FILES ${shell_files}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME xloop COMPONENT program)
# Debian's zsh looks for files of packages in a folder of its own.
install(CODE "
    set(folder site-functions)
    if(CMAKE_INSTALL_PREFIX MATCHES \"/usr$\")
        set(folder vendor-completions)
    endif()
    file(INSTALL \"${shell_files}/zsh\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/zsh/\${folder}\" RENAME _xloop)"
        COMPONENT program)

# Libraries: those of the rooms, the part that needs LibTorch apart. The programs' own are left out.
get_property(libraries GLOBAL PROPERTY XLOOP_LIBRARIES)
foreach(library ${libraries})
    get_target_property(folder ${library} SOURCE_DIR)
    if(folder MATCHES "/apps$")
        continue()
    endif()
    string(REPLACE xloop_ "" name ${library})
    set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
    set(export XLoopTargets)
    if(library MATCHES "^xloop_(dnn|attacks|training|nas)$")
        set(export XLoopTorchTargets)
    endif()
    install(TARGETS ${library} EXPORT ${export} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/xloop COMPONENT development)
endforeach()
foreach(room analysis attacks core dnn jobs nas systemc_model traces training)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xloop COMPONENT development
            FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/facade/xloop/xloop.hpp ${PROJECT_BINARY_DIR}/generated/xloop_version.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xloop COMPONENT development)

# The package
install(EXPORT XLoopTargets NAMESPACE xloop:: DESTINATION ${package_folder} COMPONENT development)
if(XLOOP_WITH_TORCH)
    install(EXPORT XLoopTorchTargets NAMESPACE xloop:: DESTINATION ${package_folder} COMPONENT development)
endif()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/XLoopConfig.cmake.in ${PROJECT_BINARY_DIR}/XLoopConfig.cmake
                              INSTALL_DESTINATION ${package_folder} PATH_VARS share)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/XLoopConfigVersion.cmake VERSION ${XLOOP_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/XLoopConfig.cmake ${PROJECT_BINARY_DIR}/XLoopConfigVersion.cmake DESTINATION ${package_folder}
        COMPONENT development)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindMatio.cmake ${PROJECT_SOURCE_DIR}/cmake/FindSystemC.cmake
        DESTINATION ${package_folder}/modules COMPONENT development)
