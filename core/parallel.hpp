#pragma once

#include <functional>

namespace xloop {

/// Calls work(i) for i in [0, count) on up to `threads` threads, the caller's among them; on fewer where the system gives
/// no more. Items must be independent: results then do not depend on the number of threads. The first exception is
/// rethrown after all threads have stopped.
void parallel_for(int count, int threads, const std::function<void(int)>& work);

}  // namespace xloop
