#include "dnn/one_thread.hpp"

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace xloop {

void use_one_thread() {
    at::set_num_threads(1);
    // Which BLAS LibTorch is linked to is the system's choice (Debian's alternatives), so this one is asked for by name.
    using SetThreads = void (*)(int);
    if (const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
        set(1);
}

}  // namespace xloop
