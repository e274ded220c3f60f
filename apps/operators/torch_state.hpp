#pragma once

#include <ATen/core/Tensor.h>

namespace xloop {

/// What belongs to the process that loads us and not to us: LibTorch's threads, random numbers and use of oneDNN, the threads of its
/// BLAS, the limit of memory. Networks are read and quantised on one thread, because their bits depend on it; when this object
/// goes, everything is again as it was.
class KeptTorchState {
public:
    KeptTorchState();
    ~KeptTorchState();
    KeptTorchState(const KeptTorchState&) = delete;
    KeptTorchState& operator=(const KeptTorchState&) = delete;

private:
    int threads_, blas_threads_;  ///< the latter 0 where BLAS does not say
    bool onednn_;
    unsigned long memory_;
    at::Tensor random_;
};

}  // namespace xloop
