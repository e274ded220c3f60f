#pragma once

#include "apps/text/advice_text.hpp"

#include <string>
#include <vector>

namespace xloop {

/// Gains of each kind of tile against the products' algorithmic reuse, as SVG.
void plot_advice(const std::vector<AdviceList>& lists, const std::string& svg_file);

}  // namespace xloop
