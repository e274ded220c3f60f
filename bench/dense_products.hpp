#pragma once

namespace xloop::bench {

/// Multiply-adds per second, times two, of the best plain product of dense fp32 1024 x 1024 matrices that was found on
/// one core: Eigen's, compiled for this processor, or OpenBLAS's. Each call measures again; the best of all calls counts.
[[gnu::visibility("default")]] double dense_product_flops();

}  // namespace xloop::bench
