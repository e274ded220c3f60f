#pragma once

#include "analysis/advice.hpp"
#include "core/json.hpp"

#include <string>
#include <vector>

namespace xloop {

/// What was asked for by one word of the command line, answered.
struct AdviceList {
    std::string name;
    std::vector<ProductAdvice> products;
};

/// The verdict on a product in one line.
std::string verdict_text(const ProductAdvice& advice);
/// Sizes with verdicts, gains of each kind of tile, then all products together. `with_costs`: energies and times as well.
std::string advice_text(const std::vector<AdviceList>& lists, bool with_costs);
Json advice_json(const std::vector<AdviceList>& lists, const std::vector<std::string>& warnings);
/// One line for each product and kind of tile.
std::string advice_csv(const std::vector<AdviceList>& lists);

}  // namespace xloop
