#pragma once

// XLOOP_CLONES: compiled once per instruction set, chosen when the program starts. For loops over integers, which give the
// same bits whatever the width of a vector. XLOOP_HAS_CLONES: functions may have versions per instruction set. (Sanitizers
// start too late for the choice.)
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(XLOOP_NO_TARGET_CLONES)
#define XLOOP_HAS_CLONES
#define XLOOP_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define XLOOP_CLONES
#endif
