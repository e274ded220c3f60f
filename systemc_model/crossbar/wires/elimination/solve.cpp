#include "systemc_model/crossbar/wires/elimination/solve.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace xloop::elimination {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Free {
    void operator()(const void* memory) const { std::free(const_cast<void*>(memory)); }
};

/// Begins at a cache line; not initialised.
template <class T>
T* allocate(long scalars) {
    constexpr long cache_line = 64;
    const long bytes = (scalars * static_cast<long>(sizeof(T)) + cache_line - 1) / cache_line * cache_line;
    void* const memory = std::aligned_alloc(cache_line, static_cast<std::size_t>(bytes));
    if (!memory)
        throw std::bad_alloc();
    return static_cast<T*>(memory);
}

/// Memory for one call. That of moderate size is kept for the thread's next call: touching new pages would cost more
/// than a small array's solution.
template <class T>
class Workspace {
public:
    explicit Workspace(long scalars) {
        constexpr long most_kept = (64 << 20) / static_cast<long>(sizeof(T));
        thread_local std::unique_ptr<T, Free> kept;
        thread_local long kept_size = 0;
        if (scalars > most_kept) {
            own_.reset(allocate<T>(scalars));
            place_ = own_.get();
            return;
        }
        if (scalars > kept_size) {
            kept_size = 0;
            kept.reset();
            kept.reset(allocate<T>(scalars));
            kept_size = scalars;
        }
        place_ = kept.get();
    }
    T* get() const { return place_; }

private:
    std::unique_ptr<T, Free> own_;
    T* place_;
};

const Kernels& kernels(InstructionSet set) {
    switch (set) {
#if defined(__x86_64__)
    case InstructionSet::avx512: return avx512_kernels;
    case InstructionSet::avx2: return avx2_kernels;
#endif
    default: return portable_kernels;
    }
}

template <class T>
void eliminate(void (*kernel)(const Problem<T>&), const Plan& plan, const MatrixXd& g, const Parasitics& parasitics,
               T* g_eff, T* record) {
    const Workspace<T> workspace(plan.workspace);
    Problem<T> problem{};
    problem.plan = &plan;
    problem.maps = plan.maps.data();
    problem.blocks = plan.blocks.data();
    problem.block_count = static_cast<int>(plan.blocks.size());
    problem.merges = plan.merges.data();
    problem.merge_count = static_cast<int>(plan.merges.size());
    problem.g = g.data();
    problem.r = parasitics;
    problem.workspace = workspace.get();
    problem.g_eff = g_eff;
    problem.record = record;
    kernel(problem);
}

Plan plan_of(const MatrixXd& g) { return make_plan(static_cast<int>(g.rows()), static_cast<int>(g.cols())); }

int round_up(Index n, int granule) { return static_cast<int>((n + granule - 1) / granule * granule); }

/// Scratch of the way back for `columns` right-hand sides, `part` of them at a time inside of blocks.
long scratch_size(const Plan& plan, long columns, long part) {
    const long of_lane = block_ports * columns + (block_ports + plan.ports_inside + leaf_cells) * part;
    return max_lanes * of_lane + plan.ports_on_way * columns;
}

long form_scratch_size(const Plan& plan) {
    constexpr long block_form = static_cast<long>(block_ports) * block_ports;
    return max_lanes * (2 * block_form + plan.forms_inside + leaf_cells * leaf_ports) + plan.forms_on_way;
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

InstructionSet fastest_instruction_set() {
    static const InstructionSet fastest = available_instruction_sets().back();
    return fastest;
}

template <>
Eigen::MatrixXf solve<float>(const MatrixXd& g, const Parasitics& parasitics, InstructionSet set) {
    Eigen::MatrixXf g_eff(g.rows(), g.cols());
    const Plan plan = plan_of(g);
    eliminate<float>(kernels(set).eliminate_fp32, plan, g, parasitics, g_eff.data(), nullptr);
    return g_eff;
}

template <>
MatrixXd solve<double>(const MatrixXd& g, const Parasitics& parasitics, InstructionSet set) {
    MatrixXd g_eff(g.rows(), g.cols());
    const Plan plan = plan_of(g);
    eliminate<double>(kernels(set).eliminate_fp64, plan, g, parasitics, g_eff.data(), nullptr);
    return g_eff;
}

EliminatedArray::EliminatedArray(const MatrixXd& g, const Parasitics& parasitics, InstructionSet set)
    : plan_(plan_of(g)), set_(set) {
    double* const record = allocate<double>(plan_.record);
    record_.reset(record, Free{});
    eliminate<double>(kernels(set).eliminate_fp64, plan_, g, parasitics, nullptr, record);
}

Passage EliminatedArray::passage(const double* border, int columns, double* scratch) const {
    Passage way{};
    way.plan = &plan_;
    way.maps = plan_.maps.data();
    way.blocks = plan_.blocks.data();
    way.merges = plan_.merges.data();
    way.root = static_cast<int>(plan_.maps.size()) - 1;
    way.record = record_.get();
    way.scratch = scratch;
    way.border = border;
    way.columns = columns;
    return way;
}

MatrixXd EliminatedArray::cell_voltages(const MatrixXd& sources, const MatrixXd& ends) const {
    constexpr Index together = 64;  // as many right-hand sides as fit into the caches
    const Layout& layout = plan_.maps.back().layout;
    const Index count = std::max(sources.rows(), ends.rows());
    MatrixXd cells(count, static_cast<Index>(plan_.rows) * plan_.cols);
    for (Index begin = 0; begin < count; begin += together) {
        const Index part = std::min(together, count - begin);
        const int columns = round_up(part, column_granule);
        RowMajor border = RowMajor::Zero(layout.width, columns);
        if (sources.size() > 0)
            border.block(layout.begin[left], 0, plan_.rows, part) =
                sources.middleRows(begin, part).rowwise().reverse().transpose();
        if (ends.size() > 0)
            border.block(layout.begin[bottom], 0, plan_.cols, part) = ends.middleRows(begin, part).transpose();
        const Workspace<double> scratch(scratch_size(plan_, columns, column_granule));
        Passage way = passage(border.data(), columns, scratch.get());
        way.cells = cells.data() + begin;
        way.cell_columns = static_cast<int>(part);
        way.cell_stride = count;
        kernels(set_).find_fields(way);
    }
    return cells;
}

MatrixXd EliminatedArray::own_path_products() const {
    const Layout& layout = plan_.maps.back().layout;
    const int rows = round_up(plan_.rows, side_granule), columns = rows + round_up(plan_.cols, side_granule);
    RowMajor border = RowMajor::Zero(layout.width, columns);
    border.block(layout.begin[left], 0, plan_.rows, plan_.rows).setIdentity();
    border.block(layout.begin[bottom], rows, plan_.cols, plan_.cols).diagonal().setConstant(-1.0);
    MatrixXd products(plan_.rows, plan_.cols);
    const Workspace<double> scratch(scratch_size(plan_, columns, 2 * block_size));
    Passage way = passage(border.data(), columns, scratch.get());
    way.cells = products.data();
    kernels(set_).find_own_paths(way);
    return products;
}

MatrixXd EliminatedArray::weighted_products(const MatrixXd& weights) const {
    const Layout& layout = plan_.maps.back().layout;
    RowMajor form = RowMajor::Zero(layout.width, layout.width);
    form.block(layout.begin[left], layout.begin[bottom], plan_.rows, plan_.cols) = -0.5 * weights.colwise().reverse();
    form.block(layout.begin[bottom], layout.begin[left], plan_.cols, plan_.rows) =
        -0.5 * weights.colwise().reverse().transpose();
    MatrixXd products(plan_.rows, plan_.cols);
    const Workspace<double> scratch(form_scratch_size(plan_));
    Passage way = passage(form.data(), layout.width, scratch.get());
    way.cells = products.data();
    kernels(set_).find_gradient(way);
    return products;
}

}  // namespace xloop::elimination
