#include "analysis/advice.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <tuple>

namespace xloop {

std::optional<double> TileAdvice::break_even(WeightLevel level) const {
    const double saved = digital->energy_j(level) - own->energy_j(WeightLevel::resident);
    if (!(saved > 0))
        return {};
    return own->load(level).energy_j() / saved;
}

const TileAdvice* ProductAdvice::best(WeightLevel level, WeightLevel from) const {
    const TileAdvice* best = nullptr;
    for (const TileAdvice& tile : tiles)
        if (tile.in_memory && tile.fits() && (!best || tile.gain(level, from) > best->gain(level, from)))
            best = &tile;
    return best;
}

Verdict ProductAdvice::verdict() const {
    const WeightLevel level = product.weights_change ? WeightLevel::on_chip : WeightLevel::resident;
    const TileAdvice* here = best(level, level);
    if (here == nullptr)
        return Verdict::not_in_memory;
    if (here->gain(level, level) > even_within)
        return Verdict::in_memory;
    if (!product.weights_change && best(level, WeightLevel::off_chip)->gain(level, WeightLevel::off_chip) > even_within)
        return Verdict::instead_of_fetching;
    return here->gain(level, level) < 1 / even_within ? Verdict::not_in_memory : Verdict::even;
}

namespace {

/// The digital tile for values of as many bits as `tile` has.
HardwareConfig baseline_for(const HardwareConfig& tile, const AdviceTile& baseline) {
    const NumericsConfig& n = tile.numerics;
    std::vector<std::string> all = baseline.overrides;
    all.push_back(fmt::format("numerics.weight_bits={}", n.weight_bits));
    all.push_back(fmt::format("numerics.activation_bits={}", n.activation_bits));
    all.push_back(fmt::format("digital.bits={}", std::max(n.weight_bits, n.activation_bits)));
    HardwareConfig hardware = load_hardware(baseline.hardware, all);
    if (!hardware.is_digital())
        throw InputError(baseline.hardware + ": the baseline is not digital; set tile.engine=digital for it");
    return hardware;
}

}  // namespace

Advisor::Advisor(const AdviceTiles& tiles, const std::vector<std::string>& overrides) {
    std::map<std::tuple<std::string, int, int>, std::shared_ptr<ProductEstimator>> baselines;
    for (const AdviceTile& tile : tiles.tiles) {
        const CostTable costs = load_cost_table(tile.cost_table);
        std::vector<std::string> all = tile.overrides;
        all.insert(all.end(), overrides.begin(), overrides.end());
        const HardwareConfig hardware = load_hardware(tile.hardware, all);
        const NumericsConfig& n = hardware.numerics;
        std::shared_ptr<ProductEstimator>& digital = baselines[{tile.cost_table, n.weight_bits, n.activation_bits}];
        if (!digital)
            digital = std::make_shared<ProductEstimator>(baseline_for(hardware, tiles.baseline), costs);
        tiles_.push_back({tile.name, costs.name, ProductEstimator(hardware, costs), digital});
    }
}

ProductAdvice Advisor::operator()(const MatrixProduct& product) {
    ProductAdvice advice{product, {}};
    for (Tile& tile : tiles_) {
        const HardwareConfig& hardware = tile.own.hardware();
        TileAdvice of_tile{tile.name, tile.cost_table, hardware.numerics, !hardware.is_digital(), {}, {}, {}};
        try {
            of_tile.own = tile.own(product);
            of_tile.digital = (*tile.digital)(product);
        } catch (const InputError& error) {
            of_tile.refused = error.what();
        }
        advice.tiles.push_back(std::move(of_tile));
    }
    return advice;
}

std::vector<std::string> Advisor::warnings() const {
    std::vector<std::string> all;
    for (const Tile& tile : tiles_)
        for (const std::string& warning : tile.own.warnings())
            all.push_back(tile.name + ": " + warning);
    return all;
}

std::vector<TileTotals> totals_of(const std::vector<ProductAdvice>& products) {
    using Level = WeightLevel;
    std::vector<TileTotals> totals;
    for (const ProductAdvice& advice : products)
        for (std::size_t t = 0; t < advice.tiles.size(); ++t) {
            const TileAdvice& tile = advice.tiles[t];
            if (t == totals.size()) {
                totals.emplace_back();
                totals[t].tile = tile.tile;
                totals[t].cost_table = tile.cost_table;
            }
            TileTotals& total = totals[t];
            const int count = advice.product.count;
            total.products += count;
            total.fits = total.fits && tile.fits();
            if (!tile.fits())
                continue;
            const bool stays = !advice.product.weights_change;
            total.kept += stays && tile.gain(Level::resident, Level::resident) > even_within ? count : 0;
            total.instead_of_fetching += stays && tile.gain(Level::resident, Level::off_chip) > even_within ? count : 0;
            total.changing += tile.gain(Level::on_chip, Level::on_chip) > even_within ? count : 0;
            for (std::size_t l = 0; l < weight_levels; ++l) {
                const auto level = stays ? static_cast<Level>(l) : Level::on_chip;
                total.own_j[l] += count * tile.own->energy_j(level);
                total.digital_j[l] += count * tile.digital->energy_j(level);
                total.own_s[l] += count * tile.own->time_s(level);
                total.digital_s[l] += count * tile.digital->time_s(level);
            }
        }
    return totals;
}

}  // namespace xloop
