#pragma once

// Whether the model has its hooks for traces. Without them (XLOOP_TRACE_HOOKS=0) nothing can be traced: the yardstick for
// what hooks cost when they are off (bench/trace_bench).
#ifndef XLOOP_TRACE_HOOKS
#define XLOOP_TRACE_HOOKS 1
#endif
