#pragma once

#include "core/json.hpp"
#include "core/table.hpp"
#include "systemc_model/cost/cost_table.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/cost/figures_of_merit.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop {

/// What a row of a cost table that states its uncertainty adds to a network's figures. All figures are linear in rows: the energy, or
/// area, or static power that a row is charged for grows in proportion to it. (Wires across a tile keep the length that the table's
/// areas make them.)
struct UncertainShare {
    std::string row;     ///< "energy of conversion", "area of adc", "power of adc"
    std::string table;   ///< name of its cost table
    double factor = 1;   ///< 90 % of true figures are within [row / factor, row x factor]
    std::string source;  ///< of the factor
    double dynamic_j = 0, static_w = 0, area_mm2 = 0;
};

/// Figures as the table has them, and what its uncertain rows hold of them.
struct UncertainDesign {
    std::string name;
    FiguresOfMerit figures;
    std::vector<UncertainShare> rows;

    /// Parts of the figures that no row with a stated uncertainty is charged for: of dynamic energy, static power, area.
    double certain_dynamic_share() const, certain_static_share() const, certain_area_share() const;
};

/// Of the closed-form estimate of `images` images.
UncertainDesign uncertain_design(std::string name, const MappedNetwork& network, const CostTable& costs, int images,
                                 const DataAverages& averages);

/// A figure over all samples.
struct UncertainFigure {
    std::string name, unit;
    double value = 0;                      ///< by the table's own figures
    double median = 0, low = 0, high = 0;  ///< 5 and 95 of 100 samples are below
};

/// How much one row decides: the squared correlation of ln(row) and ln(EDAP alone) over all samples, which for independent factors is
/// its share of the variance that rows cause one by one.
struct DecidingRow {
    UncertainShare share;
    double decides = 0;
};

struct Uncertainty {
    std::string name;
    int samples = 0;
    std::uint64_t seed = 0;
    std::vector<UncertainFigure> figures;
    std::vector<DecidingRow> rows;  ///< the one that decides most first
    double certain_dynamic_share = 0, certain_static_share = 0, certain_area_share = 0;

    Table table() const;
    Table row_table(std::size_t most) const;
    Json json() const;
    std::string text() const;
};

/// Monte Carlo over rows: each is multiplied by exp(s z), z standard normal by (seed, row), s such that 90 % of factors are within the
/// row's own. Throws InputError where no row states an uncertainty.
Uncertainty spread_of(const UncertainDesign& design, int samples, std::uint64_t seed);

/// Figures of one design over those of another, row by row with the same factors where both have the row of the same table.
struct UncertainComparison {
    struct Ratio {
        std::string name;
        double value = 0, median = 0, low = 0, high = 0;  ///< second over first
        double smaller = 0;  ///< share of samples in which the second has the smaller figure
        bool differ() const { return low > 1 || high < 1; }
    };
    std::string first, second;
    int samples = 0;
    std::uint64_t seed = 0;
    std::vector<Ratio> ratios;

    Table table() const;
    Json json() const;
    std::string text() const;
};
UncertainComparison compare_designs(const UncertainDesign& first, const UncertainDesign& second, int samples,
                                    std::uint64_t seed);

}  // namespace xloop
