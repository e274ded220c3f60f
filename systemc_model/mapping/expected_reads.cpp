#include "systemc_model/mapping/expected_reads.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace xloop {
namespace {

bool reads_alike(const HardwareConfig& a, const HardwareConfig& b) {
    return a.digits() == b.digits() && a.crossbar.rows_at_once() == b.crossbar.rows_at_once();
}

bool same_arrays(const LayerMapping& a, const LayerMapping& b) {
    return std::equal(a.copies.begin(), a.copies.end(), b.copies.begin(), b.copies.end(),
                      [](const LayerCopy& x, const LayerCopy& y) {
                          return std::equal(x.blocks.begin(), x.blocks.end(), y.blocks.begin(), y.blocks.end(),
                                            [](const PlacedBlock& p, const PlacedBlock& q) {
                                                return p.tile == q.tile && p.rows == q.rows && p.outs == q.outs;
                                            });
                      });
}

/// Of all that a layer could make: reads of groups of rows, and steps of its tiles.
struct MadeShare {
    double reads = 1, steps = 1;
};

MadeShare made_share(const MappedNetwork& counted, int l) {
    const HardwareConfig& hardware = counted.layer_hardware(l);
    const LayerMapping& placed = counted.mapping.layers[static_cast<std::size_t>(l)];
    double reads = 0, all_reads = 0, steps = 0, all_steps = 0;
    for (int r = 0; r < placed.copy_count(); ++r) {
        const MadeReads::Copy* made = counted.made(l, r);
        if (!made)
            return {};
        const double vectors = static_cast<double>(counted.reads->images) *
                               placed.positions_of(r, counted.graph.layers[static_cast<std::size_t>(l)]);
        const std::vector<PlacedBlock>& blocks = placed.copies[static_cast<std::size_t>(r)].blocks;
        std::map<int, int> most;
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            for (std::uint64_t of_group : made->blocks[b])
                reads += static_cast<double>(of_group);
            all_reads += vectors * hardware.reads(blocks[b].rows);
            most[blocks[b].tile] = std::max(most[blocks[b].tile], hardware.reads(blocks[b].rows));
        }
        for (const auto& [tile, of_tile] : made->steps)
            steps += static_cast<double>(of_tile);
        for (const auto& [tile, of_vector] : most)
            all_steps += vectors * of_vector;
    }
    return {reads / std::max(all_reads, 1.0), steps / std::max(all_steps, 1.0)};
}

}  // namespace

bool reads_alike(const MappedNetwork& a, const MappedNetwork& b) {
    for (int l = 0; l < static_cast<int>(a.graph.layers.size()); ++l)
        if (a.made(l, 0) && !reads_alike(a.layer_hardware(l), b.layer_hardware(l)))
            return false;
    return true;
}

std::shared_ptr<const MadeReads> reads_as_in(const MappedNetwork& counted, const MappedNetwork& network) {
    bool same = reads_alike(counted, network);
    for (std::size_t l = 0; l < network.graph.layers.size(); ++l)
        same = same && same_arrays(counted.mapping.layers[l], network.mapping.layers[l]);
    if (same)
        return counted.reads;
    MadeReads made = expected_reads(network, counted.reads->images, 1.0);
    made.source = counted.reads->source;
    for (std::size_t l = 0; l < made.layers.size(); ++l) {
        const MadeShare share = made_share(counted, static_cast<int>(l));
        for (std::size_t r = 0; r < made.layers[l].size(); ++r) {
            const auto of_all = [](std::uint64_t all, double part) {
                return static_cast<std::uint64_t>(std::llround(static_cast<double>(all) * part));
            };
            MadeReads::Copy& copy = made.layers[l][r];
            for (std::vector<std::uint64_t>& groups : copy.blocks)
                for (std::uint64_t& reads : groups)
                    reads = of_all(reads, share.reads);
            const auto vectors = static_cast<std::uint64_t>(made.images) *
                                 static_cast<std::uint64_t>(network.mapping.layers[l].positions_of(
                                     static_cast<int>(r), network.graph.layers[l]));
            for (auto& [tile, steps] : copy.steps)
                steps = std::max(vectors, of_all(steps, share.steps));
        }
    }
    return std::make_shared<const MadeReads>(std::move(made));
}

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
