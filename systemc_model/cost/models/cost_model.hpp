#pragma once

#include "core/activity.hpp"
#include "core/hardware_config.hpp"
#include "systemc_model/cost/node_scaling.hpp"

#include <limits>
#include <string>
#include <vector>

namespace xloop {

/// What a model gives: the energy of the event asked for, and the rest for one unit (`unit_of`) of the component.
struct Figures {
    double energy_pj = 0;
    double area_um2 = 0;
    double leakage_uw = 0;
    double refresh_uw = 0;
    double clock_pj = 0;    ///< per cycle, working or not
    double latency_ns = 0;  ///< of one action; 0: the model does not say
};

/// What models report beside figures: the quantities they used, and what lies outside their sources' ranges.
struct ModelReport {
    bool wants_conditions = false;
    std::vector<std::string> conditions;  ///< "adc.bits 8", only where wanted
    std::vector<std::string> remarks;
};

/// A question to a model.
class ModelQuery {
public:
    ModelQuery(const HardwareConfig& chip, const Technology& at, double kelvin, const std::vector<double>& parameters,
               ModelReport& report)
        : hardware(chip), technology(at), temperature_k(kelvin), parameters_(parameters), report_(report) {}

    static constexpr double no_limit = std::numeric_limits<double>::infinity();

    const HardwareConfig& hardware;
    const Technology technology;
    const double temperature_k;
    Component component = Component::crossbar;
    Event event = Event::cell_read;  ///< whose energy is wanted, when the row is an event's
    double tile_um2 = 0;             ///< area of a tile; only for models with `needs_tile`
    double router_um2 = 0;           ///< area of a router; likewise

    /// A parameter by its place in the model's list.
    double parameter(std::size_t index) const { return parameters_[index]; }
    /// Name a quantity that the figures depend on; a remark when it lies outside [low, high].
    void uses(const char* quantity, double value, const char* unit, double low = -no_limit,
              double high = no_limit) const;
    void remark(std::string text) const;
    /// `technology.node_nm`, with a remark outside [low, high].
    double node(double low, double high) const;
    /// Square of supply over nominal supply: dynamic energies of circuits that swing from rail to rail.
    double supply_factor() const;

private:
    const std::vector<double>& parameters_;
    ModelReport& report_;
};

/// A number, or a choice between names (the number is then the name's index), that a row may set.
struct ModelParameter {
    const char* name;
    const char* unit;
    double initial, low, high;
    const char* doc;
    std::vector<std::string> choices = {};
};

/// A documented way to work figures out of the hardware and the technology.
struct CostModel {
    const char* name;
    std::vector<Component> components;  ///< that it may stand for
    Figures (*evaluate)(const ModelQuery& query);
    std::vector<ModelParameter> parameters;
    const char* source;
    bool needs_tile = false;  ///< it needs the area of a tile: wires that cross it
};

/// All models, by family; the address of a model does not change.
const std::vector<CostModel>& cost_models();
/// Null when there is none.
const CostModel* find_cost_model(const std::string& name);

std::vector<CostModel> array_models();
std::vector<CostModel> adc_models();
std::vector<CostModel> controller_models();
std::vector<CostModel> logic_models();
std::vector<CostModel> memory_models();
std::vector<CostModel> off_chip_models();
std::vector<CostModel> router_models();
std::vector<CostModel> wire_models();

}  // namespace xloop
