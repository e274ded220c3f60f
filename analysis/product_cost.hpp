#pragma once

#include "analysis/product.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/unit_costs.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace xloop {

/// Where the weights of a product come from: they are in the tiles already and stay; from the tiles' buffers, or from outside the
/// chip, where they are written anew for each product.
enum class WeightLevel { resident, on_chip, off_chip };
constexpr auto names_of(WeightLevel) { return std::array{"resident", "on_chip", "off_chip"}; }
inline constexpr std::size_t weight_levels = 3;

/// What it takes to bring all weights of a product once to where they are multiplied.
struct WeightLoad {
    double write_j = 0;   ///< cells, or bytes of the SRAM beside multipliers
    double move_j = 0;    ///< buffers, buses, network and border
    double static_j = 0;  ///< static power of the tiles meanwhile
    double seconds = 0;
    double energy_j() const { return write_j + move_j + static_j; }
};

/// A product on one kind of tile, of as many tiles as it takes.
struct ProductCost {
    int pieces = 0;  ///< that it is cut into, side by side
    std::int64_t arrays = 0, tiles = 0;
    double fill = 0;  ///< weights over those that the arrays could hold
    double area_mm2 = 0;
    double dynamic_j = 0, static_j = 0;  ///< of the product itself, weights in place
    double seconds = 0;
    std::array<WeightLoad, weight_levels> loads;

    const WeightLoad& load(WeightLevel level) const { return loads[static_cast<std::size_t>(level)]; }
    double energy_j(WeightLevel level) const { return dynamic_j + static_j + load(level).energy_j(); }
    double time_s(WeightLevel level) const { return seconds + load(level).seconds; }
    /// Share of the energy that goes into writing.
    double write_share(WeightLevel level) const { return load(level).write_j / energy_j(level); }
};

/// What products cost on one kind of tile, by the closed-form estimate (docs/advise.md has the rules). For one thread at a time.
class ProductEstimator {
public:
    /// Types of tiles beside the base and what single layers ask for are left out; the mesh is as large as a product needs.
    ProductEstimator(HardwareConfig hardware, const CostTable& table);
    /// Of a single one (`count` does not matter). Throws InputError where it does not fit onto tiles of this kind.
    const ProductCost& operator()(const MatrixProduct& product);
    /// Of the cost table on this hardware.
    const std::vector<std::string>& warnings() const { return costs_.front().warnings; }
    const HardwareConfig& hardware() const { return hardware_; }

private:
    struct Piece;
    struct Sum;
    Sum estimate_piece(const Piece& piece, int positions) const;
    Sum piece_cost(const Piece& piece, int positions) const;
    Sum in_pieces(const MatrixProduct& product, int units) const;
    ProductCost finish(const MatrixProduct& product, const Sum& sum) const;

    HardwareConfig hardware_;
    std::vector<UnitCosts> costs_;  ///< of the only type
    std::map<std::tuple<int, int, int, int>, ProductCost> known_;
};

}  // namespace xloop
