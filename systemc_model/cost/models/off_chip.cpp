#include "systemc_model/cost/models/cost_model.hpp"

namespace xloop {
namespace {

struct Link {
    const char* name;
    double pj_per_bit;
    double area_um2;
};
constexpr std::array<Link, 6> links = {{
    {"hypertransport", 10.4e12 / 204.8e9, 5.72e6},
    {"lpddr4", 8, 0},
    {"ddr3", 70, 0},
    {"hbm2", 6.25, 0},
    {"hbm3", 4.05, 0},
    {"hbm4", 3.2, 0},
}};

Figures off_chip(const ModelQuery& query) {
    const Link& link = links[static_cast<std::size_t>(query.parameter(0))];
    query.uses("energy", link.pj_per_bit, "pJ/bit");
    Figures figures;
    figures.energy_pj = 8 * link.pj_per_bit;
    figures.area_um2 = link.area_um2;
    return figures;
}

}  // namespace

std::vector<CostModel> off_chip_models() {
    std::vector<std::string> names;
    for (const Link& link : links)
        names.emplace_back(link.name);
    return {{"off_chip",
             {Component::io_link},
             off_chip,
             {{"link", "", 1, 0, static_cast<double>(links.size() - 1), "kind of link", names}},
             "hypertransport: 10.4 W for 4 x 6.4 GB/s and 22.88 mm2 (ISAAC, ISCA 2016); memories: energies per bit of"
             " HWComponents-CACTI (MIT), no areas; whatever the node of the chip"}};
}

}  // namespace xloop
