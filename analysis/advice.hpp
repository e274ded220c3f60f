#pragma once

#include "analysis/advice_tiles.hpp"
#include "analysis/product.hpp"
#include "analysis/product_cost.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// A product on a kind of tile, beside the same product on the digital tile with the costs of the same table and values of as
/// many bits.
struct TileAdvice {
    std::string tile, cost_table;  ///< names
    NumericsConfig numerics;       ///< bits of weights and inputs, of the digital tile too
    bool in_memory = true;         ///< the tile is not a digital one itself
    std::string refused;           ///< why it does not fit; else empty
    std::optional<ProductCost> own, digital;

    bool fits() const { return own.has_value() && digital.has_value(); }
    /// Energy of the digital tile, whose weights come from `from`, over that of this one, whose come from `level`.
    double gain(WeightLevel level, WeightLevel from) const { return digital->energy_j(from) / own->energy_j(level); }
    /// Products that each load of weights from `level` must serve, so that energy with the load shared by them is that of the
    /// digital tile, which fetches them from there for each product. None: no number is enough.
    std::optional<double> break_even(WeightLevel level) const;
};

/// What is said of a product; the rules are in docs/advise.md.
enum class Verdict { in_memory, instead_of_fetching, even, not_in_memory };
constexpr auto names_of(Verdict) { return std::array{"in memory", "instead of fetching", "even", "not in memory"}; }

/// Energies within this factor, either way, count as the same: our choice, below what cost tables know.
inline constexpr double even_within = 1.1;

struct ProductAdvice {
    MatrixProduct product;
    std::vector<TileAdvice> tiles;

    /// The tile in memory with the largest gain; null where none fits.
    const TileAdvice* best(WeightLevel level, WeightLevel from) const;
    Verdict verdict() const;
};

/// All products of a list on one kind of tile, each as often as it is there. Products whose weights change are written on the
/// chip at every level.
struct TileTotals {
    std::string tile, cost_table;
    int products = 0;                                     ///< counted as often as they are there
    int kept = 0, instead_of_fetching = 0, changing = 0;  ///< of them with a gain above even_within
    bool fits = true;
    std::array<double, weight_levels> own_j{}, digital_j{}, own_s{}, digital_s{};
};

/// For one thread at a time.
class Advisor {
public:
    /// Reads hardware and cost tables. `overrides`: of the hardware of every tile, the baseline's left out. Throws InputError.
    Advisor(const AdviceTiles& tiles, const std::vector<std::string>& overrides);
    ProductAdvice operator()(const MatrixProduct& product);
    /// Of the cost tables on the hardware, "tile: what".
    std::vector<std::string> warnings() const;

private:
    struct Tile {
        std::string name, cost_table;
        ProductEstimator own;
        std::shared_ptr<ProductEstimator> digital;  ///< of all tiles with this cost table and numerics
    };
    std::vector<Tile> tiles_;
};

std::vector<TileTotals> totals_of(const std::vector<ProductAdvice>& products);

}  // namespace xloop
