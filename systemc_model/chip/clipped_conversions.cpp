#include "systemc_model/chip/clipped_conversions.hpp"

#include <numeric>

namespace xloop {

void ClippingCounter::multiply(int layer, const ReadAddress& first, int count, const std::uint8_t* windows,
                               std::int32_t* accumulators) const {
    const LayerArrays& arrays = *chip_.layer_arrays(layer);
    const GraphLayer& shape = chip_.network().graph.layers[static_cast<std::size_t>(layer)];
    const std::ptrdiff_t window = static_cast<std::ptrdiff_t>(shape.groups) * shape.rows();
    // Neighbouring positions are the work of different copies, which count for themselves.
    const int together = arrays.copy_count() == 1 ? count : 1;
    std::vector<std::vector<std::uint16_t>> clipped;
    std::uint64_t sum = 0;
    for (int done = 0; done < count; done += together) {
        arrays.multiply({first.image, first.position + done, first.step}, together, windows + done * window,
                        accumulators + static_cast<std::ptrdiff_t>(done) * shape.out.channels, &clipped);
        for (std::vector<std::uint16_t>& block : clipped) {
            sum = std::accumulate(block.begin(), block.end(), sum);
            block.clear();
        }
    }
    counts_[static_cast<std::size_t>(layer)] += sum;
}

}  // namespace xloop
