#pragma once

namespace xloop {

/// Keeps LibTorch and its BLAS on the calling thread, for the whole process. Sums of floats depend on the number of threads,
/// results must not; and OpenBLAS's threads, which LibTorch's setting does not reach, wait busily for one another: beside
/// other work a product then takes a hundred times as long.
void use_one_thread();

}  // namespace xloop
