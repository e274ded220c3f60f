#include "systemc_model/sim/tile/array_trace.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace xloop::sim {

ArrayTrace::ArrayTrace(TraceBus& bus, const std::string& tile_path, const RunState& run, const FlowTask& task,
                       std::size_t vectors)
    : bus_(bus), run_(run), task_(task), reads_(static_cast<std::size_t>(run.durations.reads())), vectors_(vectors) {
    const Replica& copy = run.placed(task.layer).replicas[static_cast<std::size_t>(task.replica)];
    for (int b : task.work.blocks) {
        const PlacedBlock& block = copy.blocks[static_cast<std::size_t>(b)];
        const std::string scope = fmt::format("{}.pe_{}.xbar_{}", tile_path, block.pe, block.slot);
        arrays_.push_back({b, bus.declare(scope, "position", 16), bus.declare(scope, "read", 4),
                           bus.declare(scope, "rows_driven", 11), bus.declare(scope, "adc_code_0", 16)});
    }
    for (Reads& v : vectors_) {
        v.rows.assign(arrays_.size() * reads_, 0);
        v.codes.assign(arrays_.size() * reads_, 0);
    }
}

void ArrayTrace::on_vector(std::uint64_t own, const TileWork::RowSlice& slice, const std::uint8_t* inputs,
                           std::int64_t image, int position) {
    Reads& kept = vectors_[own % vectors_.size()];
    for (std::size_t a = 0; a < arrays_.size(); ++a) {
        if (std::count(slice.blocks.begin(), slice.blocks.end(), arrays_[a].block) == 0)
            continue;
        const ProgrammedArray& array = run_.chip->array(task_.layer, task_.replica, arrays_[a].block);
        std::vector<std::int32_t> codes(reads_ * static_cast<std::size_t>(array.conversions()));
        array.convert(inputs, image, position, codes.data());
        for (std::size_t r = 0; r < reads_; ++r) {
            kept.rows[a * reads_ + r] = static_cast<std::uint32_t>(array.rows_driven(inputs, static_cast<int>(r)));
            kept.codes[a * reads_ + r] = static_cast<std::uint16_t>(codes[r * static_cast<std::size_t>(array.conversions())]);
        }
    }
}

void ArrayTrace::on_read(std::uint64_t cycle, std::uint64_t number, int position) {
    const std::size_t read = number % reads_;
    const Reads& kept = vectors_[number / reads_ % vectors_.size()];
    for (std::size_t a = 0; a < arrays_.size(); ++a) {
        bus_.change(cycle, arrays_[a].position, static_cast<std::uint64_t>(position));
        bus_.change(cycle, arrays_[a].read, read);
        bus_.change(cycle, arrays_[a].rows, kept.rows[a * reads_ + read]);
        bus_.change(cycle, arrays_[a].code, kept.codes[a * reads_ + read]);
    }
}

}  // namespace xloop::sim
