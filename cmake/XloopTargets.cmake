# Targets of our own: C++17, includes from the repository's root, warnings and sanitizers on our code only.

include(GNUInstallDirs)

function(xloop_configure target)
    target_compile_features(${target} PUBLIC cxx_std_17)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/xloop>)
    # Libraries can go into shared objects (torch.ops.load_library), at the speed of programs. Programs are compiled alike, since
    # they share precompiled headers.
    get_target_property(kind ${target} TYPE)
    if(kind STREQUAL "EXECUTABLE")
        target_compile_options(${target} PRIVATE -fPIC)
    else()
        set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    endif()
    target_compile_options(${target} PRIVATE -fno-semantic-interposition)
    # No fused multiply-adds behind our back: the same bits on every processor.
    target_compile_options(${target} PRIVATE -ffp-contract=off)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
    if(XLOOP_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(XLOOP_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                                                 -fno-omit-frame-pointer)
        target_link_options(${target} PUBLIC -fsanitize=address,undefined)
        target_compile_definitions(${target} PRIVATE XLOOP_NO_TARGET_CLONES)
    endif()
endfunction()

# For targets whose files include LibTorch. Its headers cost a core 16 s in every translation unit, precompiled or not, so eight files
# make one; alone they compile as well.
function(xloop_includes_torch target)
    if(NOT target STREQUAL xloop_dnn)
        target_precompile_headers(${target} REUSE_FROM xloop_dnn)
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${XLOOP_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    # GCC takes a file of ours that is included into another for a header, in which types without linkage are suspicious.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
endfunction()

# xloop_library(core_config SOURCES a.cpp b.cpp LINK other ...): static library xloop_NAME with alias xloop::NAME.
function(xloop_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(xloop_${name} STATIC ${ARG_SOURCES})
    add_library(xloop::${name} ALIAS xloop_${name})
    xloop_configure(xloop_${name})
    target_link_libraries(xloop_${name} PUBLIC ${ARG_LINK})
    set_property(GLOBAL APPEND PROPERTY XLOOP_LIBRARIES xloop_${name})
endfunction()
