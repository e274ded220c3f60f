#include "bench/dense_products.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#ifdef XLOOP_OPENBLAS
#include <cblas.h>
#endif

namespace xloop::bench {
namespace {

constexpr int n = 1024;
constexpr int repetitions = 10;

template <class Product>
double best_seconds(const Product& product) {
    double best = 1e9;
    for (int i = 0; i < repetitions; ++i) {
        const auto start = std::chrono::steady_clock::now();
        product();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

double measure() {
    const Eigen::MatrixXf a = Eigen::MatrixXf::Random(n, n), b = Eigen::MatrixXf::Random(n, n);
    Eigen::MatrixXf c(n, n);
    double best = best_seconds([&] { c.noalias() = a * b; });
#ifdef XLOOP_OPENBLAS
    openblas_set_num_threads(1);
    best = std::min(best, best_seconds([&] {
                        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0f, a.data(), n, b.data(), n,
                                    0.0f, c.data(), n);
                    }));
#endif
    return 2.0 * n * n * n / best;
}

}  // namespace

double dense_product_flops() {
    static double best = 0.0;
    best = std::max(best, measure());
    return best;
}

}  // namespace xloop::bench
