#include "systemc_model/mapping/placement.hpp"

#include "core/random.hpp"
#include "systemc_model/mapping/traffic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xloop {
namespace {

/// Bounds the time: transfers whose links are counted anew in one annealing.
constexpr std::int64_t evaluations = 2'000'000;
constexpr int swaps_per_tile = 2000;

class Annealing {
public:
    Annealing(const Mapping& mapping, std::vector<Transfer> transfers)
        : mapping_(mapping), transfers_(std::move(transfers)), of_tile_(static_cast<std::size_t>(mapping.tiles()) + 1),
          place_(static_cast<std::size_t>(mapping.tiles()) + 1) {
        std::iota(place_.begin(), place_.end(), 0);
        for (std::size_t t = 0; t < transfers_.size(); ++t) {
            add(transfers_[t].source, t);
            for (int destination : transfers_[t].destinations)
                add(destination, t);
            costs_.push_back(cost(transfers_[t]));
        }
        seen_.assign(transfers_.size(), 0);
    }

    /// New place of each tile.
    std::vector<int> run(int round) {
        const KeyedRandom random(static_cast<std::uint64_t>(round), RandomUse::placement);
        const auto tiles = static_cast<std::uint64_t>(mapping_.tiles());
        std::int64_t total = std::accumulate(costs_.begin(), costs_.end(), std::int64_t{0});
        std::int64_t lowest = total;
        std::vector<int> best = place_;
        // Warm enough to take a third of a mean transfer's cost as a loss at the start.
        const double hot = 0.3 * static_cast<double>(total) / std::max(static_cast<double>(transfers_.size()), 1.0);
        const std::uint64_t swaps = swaps_per_tile * tiles;
        for (std::uint64_t n = 0; n < swaps && evaluated_ < evaluations; ++n) {
            const int a = static_cast<int>(random.below(tiles, n, 0)), b = static_cast<int>(random.below(tiles, n, 1));
            // A chip has its tiles in all rounds: in several, types stay where they are.
            if (mapping_.rounds > 1 && mapping_.type_of(a) != mapping_.type_of(b))
                continue;
            const std::int64_t change = swap(a, b);
            // The temperature falls to 0 in the second half, which only climbs down.
            const double left =
                1.0 - 2.0 * std::max(static_cast<double>(n) / static_cast<double>(swaps),
                                     static_cast<double>(evaluated_) / static_cast<double>(evaluations));
            const double temperature = hot * left * left * left;
            if (change > 0 &&
                (left <= 0.0 || random.uniform(n, 2) >= std::exp(-static_cast<double>(change) / temperature))) {
                undo(a, b);
                continue;
            }
            total += change;
            if (total < lowest) {
                lowest = total;
                best = place_;
            }
        }
        return best;
    }

private:
    void add(int tile, std::size_t transfer) {
        std::vector<std::size_t>& list = of_tile_[static_cast<std::size_t>(tile)];
        if (list.empty() || list.back() != transfer)
            list.push_back(transfer);
    }

    std::int64_t cost(const Transfer& transfer) {
        places_.clear();
        for (int destination : transfer.destinations)
            places_.push_back(place_[static_cast<std::size_t>(destination)]);
        return transfer.bytes * links_of_tree(mapping_, place_[static_cast<std::size_t>(transfer.source)], places_);
    }

    std::int64_t swap(int a, int b) {
        std::swap(place_[static_cast<std::size_t>(a)], place_[static_cast<std::size_t>(b)]);
        changed_.clear();
        std::int64_t change = 0;
        ++mark_;
        for (int tile : {a, b})
            for (std::size_t t : of_tile_[static_cast<std::size_t>(tile)]) {
                if (seen_[t] == mark_)
                    continue;
                seen_[t] = mark_;
                ++evaluated_;
                changed_.push_back({t, costs_[t]});
                costs_[t] = cost(transfers_[t]);
                change += costs_[t] - changed_.back().before;
            }
        return change;
    }

    void undo(int a, int b) {
        std::swap(place_[static_cast<std::size_t>(a)], place_[static_cast<std::size_t>(b)]);
        for (const Changed& changed : changed_)
            costs_[changed.transfer] = changed.before;
    }

    struct Changed {
        std::size_t transfer;
        std::int64_t before;
    };

    const Mapping& mapping_;
    std::vector<Transfer> transfers_;
    std::vector<std::vector<std::size_t>> of_tile_;  ///< transfers that a node takes part in
    std::vector<int> place_;                         ///< of each node; the i/o node stays
    std::vector<std::int64_t> costs_;                ///< of each transfer
    std::vector<std::uint64_t> seen_;
    std::vector<Changed> changed_;
    std::vector<int> places_;
    std::uint64_t mark_ = 0;
    std::int64_t evaluated_ = 0;
};

}  // namespace

void improve_placement(MappedNetwork& network) {
    Mapping& mapping = network.mapping;
    for (int round = 0; round < mapping.rounds; ++round) {
        const std::vector<int> place = Annealing(mapping, transfers(network, round)).run(round);
        const auto move = [&](int& tile) { tile = place[static_cast<std::size_t>(tile)]; };
        if (mapping.rounds == 1) {
            const std::vector<int> types = mapping.tile_types;
            for (std::size_t t = 0; t < types.size(); ++t)
                mapping.tile_types[static_cast<std::size_t>(place[t])] = types[t];
        }
        for (LayerMapping& layer : mapping.layers) {
            if (layer.round != round)
                continue;
            for (LayerCopy& copy : layer.copies) {
                for (PlacedBlock& block : copy.blocks)
                    move(block.tile);
                for (int& tile : copy.tiles)
                    move(tile);
                move(copy.home);
            }
        }
    }
}

}  // namespace xloop
