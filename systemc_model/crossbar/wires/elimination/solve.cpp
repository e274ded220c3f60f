#include "systemc_model/crossbar/wires/elimination/solve.hpp"

#include <cstdlib>
#include <memory>
#include <new>

namespace xloop::elimination {
namespace {

/// Kept from call to call: touching new pages would cost more than a small array's solution.
template <class T>
T* workspace(long scalars) {
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    thread_local std::unique_ptr<void, Free> memory;
    thread_local long size = 0;
    constexpr long cache_line = 64;
    const long bytes = (scalars * static_cast<long>(sizeof(T)) + cache_line - 1) / cache_line * cache_line;
    if (bytes > size) {
        memory.reset(std::aligned_alloc(cache_line, static_cast<std::size_t>(bytes)));
        if (!memory)
            throw std::bad_alloc();
        size = bytes;
    }
    return static_cast<T*>(memory.get());
}

}  // namespace

std::vector<InstructionSet> available_instruction_sets() {
    std::vector<InstructionSet> sets{InstructionSet::portable};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        sets.push_back(InstructionSet::avx2);
        if (__builtin_cpu_supports("avx512f"))
            sets.push_back(InstructionSet::avx512);
    }
#endif
    return sets;
}

template <class T>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> solve(const Eigen::MatrixXd& g, const Parasitics& parasitics,
                                                       InstructionSet set) {
    const Plan plan = make_plan(static_cast<int>(g.rows()), static_cast<int>(g.cols()));
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> g_eff(g.rows(), g.cols());
    const Problem<T> problem{plan.maps.data(),
                             plan.blocks.data(),
                             static_cast<int>(plan.blocks.size()),
                             plan.merges.data(),
                             static_cast<int>(plan.merges.size()),
                             &plan,
                             g.data(),
                             parasitics,
                             workspace<T>(plan.workspace),
                             g_eff.data()};
    switch (set) {
#if defined(__x86_64__)
        case InstructionSet::avx512: eliminate_avx512(problem); break;
        case InstructionSet::avx2: eliminate_avx2(problem); break;
#endif
        default: eliminate_portable(problem);
    }
    return g_eff;
}

template Eigen::MatrixXf solve<float>(const Eigen::MatrixXd&, const Parasitics&, InstructionSet);
template Eigen::MatrixXd solve<double>(const Eigen::MatrixXd&, const Parasitics&, InstructionSet);

}  // namespace xloop::elimination
