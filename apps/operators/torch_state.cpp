#include "apps/operators/torch_state.hpp"

#include "dnn/convolution.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <dlfcn.h>
#include <sys/resource.h>
#include <mutex>

namespace xloop {
namespace {

/// Which BLAS there is, is the system's choice (dnn/one_thread.cpp).
template <class Function>
Function* of_blas(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

rlimit memory_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_AS, &limit);
    return limit;
}

}  // namespace

KeptTorchState::KeptTorchState()
    : threads_(at::get_num_threads()), blas_threads_(0), onednn_(at::globalContext().userEnabledMkldnn()),
      memory_(memory_limit().rlim_cur) {
    if (auto* get = of_blas<int()>("openblas_get_num_threads"))
        blas_threads_ = get();
    // What was found wrong in an earlier network holds for this one.
    if (convolution_trials().check().path == ConvolutionPath::no_onednn)
        at::globalContext().setUserEnabledMkldnn(false);
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    random_ = generator.get_state();
}

KeptTorchState::~KeptTorchState() {
    at::set_num_threads(threads_);
    if (auto* set = of_blas<void(int)>("openblas_set_num_threads"); set && blas_threads_ > 0)
        set(blas_threads_);
    at::globalContext().setUserEnabledMkldnn(onednn_);
    rlimit limit = memory_limit();
    limit.rlim_cur = memory_;
    ::setrlimit(RLIMIT_AS, &limit);
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(random_);
}

}  // namespace xloop
