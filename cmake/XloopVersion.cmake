# xloop_version.hpp is generated: the version, and the commit it was built from where git knows it.
function(xloop_git variable)
    execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} ${ARGN}
                    OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(${variable} "${said}" PARENT_SCOPE)
endfunction()

xloop_git(XLOOP_COMMIT describe --always --dirty --abbrev=10)
if(NOT XLOOP_COMMIT)
    set(XLOOP_COMMIT unknown)
endif()
# Manual pages bear it: the same commit gives the same bytes.
xloop_git(XLOOP_DATE log -1 --format=%cs)

# The last tag such as v1.2.0 is the version, without tags the project's is; packages of later commits say how many there were.
set(XLOOP_VERSION ${PROJECT_VERSION})
set(XLOOP_PACKAGE_VERSION ${PROJECT_VERSION})
xloop_git(tag describe --tags --long --match "v[0-9]*" --abbrev=10)
if(tag MATCHES "^v([0-9]+(\\.[0-9]+)*)-([0-9]+)-(g[0-9a-f]+)$")
    set(XLOOP_VERSION ${CMAKE_MATCH_1})
    set(XLOOP_PACKAGE_VERSION ${CMAKE_MATCH_1})
    if(CMAKE_MATCH_3 GREATER 0)
        string(APPEND XLOOP_PACKAGE_VERSION "+${CMAKE_MATCH_3}.${CMAKE_MATCH_4}")
    endif()
endif()

configure_file(${PROJECT_SOURCE_DIR}/cmake/version.hpp.in ${PROJECT_BINARY_DIR}/generated/xloop_version.hpp @ONLY)
# A commit or a tag makes the next build configure again, so that reports name it.
foreach(changed logs/HEAD refs/tags packed-refs)
    if(EXISTS ${PROJECT_SOURCE_DIR}/.git/${changed})
        set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                     ${PROJECT_SOURCE_DIR}/.git/${changed})
    endif()
endforeach()
