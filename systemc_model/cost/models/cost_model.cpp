#include "systemc_model/cost/models/cost_model.hpp"

#include <fmt/format.h>
#include <cmath>
#include <iterator>

namespace xloop {
namespace {

std::vector<CostModel> all_models() {
    std::vector<CostModel> all;
    for (auto family : {array_models, adc_models, controller_models, logic_models, memory_models, off_chip_models,
                        router_models, wire_models}) {
        std::vector<CostModel> models = family();
        std::move(models.begin(), models.end(), std::back_inserter(all));
    }
    return all;
}

}  // namespace

void ModelQuery::uses(const char* quantity, double value, const char* unit, double low, double high) const {
    const auto text = [&] {
        return fmt::format("{} {:.{}g}{}{}", quantity, value, value == std::floor(value) ? 12 : 6, *unit ? " " : "",
                           unit);
    };
    if (report_.wants_conditions)
        report_.conditions.push_back(text());
    if (value < low || value > high)
        remark(fmt::format("{} is outside {:g} ... {:g}", text(), low, high));
}

void ModelQuery::remark(std::string text) const { report_.remarks.push_back(std::move(text)); }

double ModelQuery::node(double low, double high) const {
    uses("node", technology.node_nm, "nm", low, high);
    return technology.node_nm;
}

double ModelQuery::supply_factor() const {
    const double relative = technology.supply_v / nominal_supply_v(technology.node_nm);
    uses("supply over nominal", relative, "", 0.9, 1.1);
    return relative * relative;
}

const std::vector<CostModel>& cost_models() {
    static const std::vector<CostModel> models = all_models();
    return models;
}

const CostModel* find_cost_model(const std::string& name) {
    for (const CostModel& model : cost_models())
        if (name == model.name)
            return &model;
    return nullptr;
}

}  // namespace xloop
