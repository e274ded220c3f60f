# Targets of our own: C++17, includes from the repository's root, warnings and sanitizers on our code only.

function(xloop_configure target)
    target_compile_features(${target} PUBLIC cxx_std_17)
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
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

# xloop_library(core_config SOURCES a.cpp b.cpp LINK other ...): static library xloop_NAME with alias xloop::NAME.
function(xloop_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(xloop_${name} STATIC ${ARG_SOURCES})
    add_library(xloop::${name} ALIAS xloop_${name})
    xloop_configure(xloop_${name})
    target_link_libraries(xloop_${name} PUBLIC ${ARG_LINK})
endfunction()
