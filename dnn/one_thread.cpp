#include "dnn/one_thread.hpp"

#include "core/error.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <algorithm>
#include <exception>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace xloop {

namespace {

/// LibTorch makes a pool of as many threads as there are processors, and waits forever for those that it does not get.
void demand_threads() {
    const unsigned count = std::max(1u, std::thread::hardware_concurrency());
    std::promise<void> all_there;
    const std::shared_future<void> released(all_there.get_future());
    std::vector<std::thread> threads;
    threads.reserve(count);
    try {
        while (threads.size() < count)
            threads.emplace_back([released] { released.wait(); });
    } catch (const std::exception&) {
        // Fewer than asked for; those that are there must end first.
    }
    const bool enough = threads.size() == count;
    all_there.set_value();
    for (std::thread& thread : threads)
        thread.join();
    if (!enough)
        throw Error("LibTorch needs " + std::to_string(count) +
                    " threads, which the system does not give; see ulimit -u and ulimit -v");
}

/// OpenBLAS asks for its work space again and again, forever, where the system does not give it. After the first product it
/// has it.
void demand_work_space() {
    constexpr std::size_t of_openblas = std::size_t{3}
                                        << 27;  // twice 128 MB, and room for what LibTorch takes meanwhile
    if (!std::unique_ptr<char[]>(new (std::nothrow) char[of_openblas]))
        throw Error("not enough memory for the work space of LibTorch's BLAS; see ulimit -v");
    constexpr int side = 64;
    at::mm(at::ones({side, side}), at::ones({side, side}));
}

}  // namespace

void use_one_thread() {
    demand_threads();
    at::set_num_threads(1);
    // Which BLAS LibTorch is linked to is the system's choice (Debian's alternatives), so this one is asked for by name.
    using SetThreads = void (*)(int);
    if (const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
        set(1);
    demand_work_space();
}

}  // namespace xloop
