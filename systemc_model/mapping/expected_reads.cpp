#include "systemc_model/mapping/expected_reads.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {

bool skips_reads(const MappedNetwork& network) {
    for (std::size_t l = 0; l < network.graph.layers.size(); ++l)
        if (network.graph.layers[l].on_crossbars() && network.layer_hardware(static_cast<int>(l)).skips_zero_reads())
            return true;
    return false;
}

MadeReads expected_reads(const MappedNetwork& network, int images, double active_rows,
                         const std::vector<double>& active_rows_of_layer) {
    MadeReads made{"those not of zeros alone are expected as of random bits", images,
                   std::vector<std::vector<MadeReads::Copy>>(network.graph.layers.size())};
    for (std::size_t l = 0; l < network.graph.layers.size(); ++l) {
        const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
        if (!network.graph.layers[l].on_crossbars() || !hardware.skips_zero_reads())
            continue;
        const bool known = l < active_rows_of_layer.size() && active_rows_of_layer[l] >= 0;
        const double zero = 1 - (known ? active_rows_of_layer[l] : active_rows);
        const LayerMapping& placed = network.mapping.layers[l];
        for (int r = 0; r < placed.copy_count(); ++r) {
            MadeReads::Copy& copy = made.layers[l].emplace_back();
            const std::int64_t vectors = std::int64_t{images} * placed.positions_of(r, network.graph.layers[l]);
            for (const PlacedBlock& block : placed.copies[static_cast<std::size_t>(r)].blocks) {
                std::vector<std::uint64_t>& groups = copy.blocks.emplace_back();
                for (int begin = 0; begin < block.rows; begin += hardware.crossbar.rows_at_once()) {
                    const int rows = std::min(hardware.crossbar.rows_at_once(), block.rows - begin);
                    groups.push_back(static_cast<std::uint64_t>(
                        std::llround(static_cast<double>(vectors * hardware.digits()) * (1 - std::pow(zero, rows)))));
                }
                std::uint64_t& steps = copy.steps[block.tile];
                steps = std::max({steps, static_cast<std::uint64_t>(vectors),
                                  std::accumulate(groups.begin(), groups.end(), std::uint64_t{0})});
            }
        }
    }
    return made;
}

std::vector<double> drives_left_out(const MappedNetwork& network) {
    std::vector<double> factors(network.graph.layers.size(), 1.0);
    for (std::size_t l = 0; l < factors.size(); ++l) {
        const HardwareConfig& hardware = network.layer_hardware(static_cast<int>(l));
        const LayerMapping& placed = network.mapping.layers[l];
        double all = 0, driven = 0;
        for (int r = 0; r < placed.copy_count(); ++r) {
            const MadeReads::Copy* made = network.made(static_cast<int>(l), r);
            if (!made)
                continue;
            const double digits = static_cast<double>(network.reads->images) *
                                  placed.positions_of(r, network.graph.layers[l]) * hardware.digits();
            const std::vector<PlacedBlock>& blocks = placed.copies[static_cast<std::size_t>(r)].blocks;
            for (std::size_t b = 0; b < blocks.size(); ++b)
                for (std::size_t g = 0; g < made->blocks[b].size(); ++g) {
                    const int begin = static_cast<int>(g) * hardware.crossbar.rows_at_once();
                    const int rows = std::min(hardware.crossbar.rows_at_once(), blocks[b].rows - begin);
                    all += digits * rows;
                    driven += static_cast<double>(made->blocks[b][g]) * rows;
                }
        }
        if (driven > 0)
            factors[l] = all / driven;
    }
    return factors;
}

}  // namespace xloop
