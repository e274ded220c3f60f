#include "systemc_model/mapping/instance_ledger.hpp"

#include "core/error.hpp"
#include "systemc_model/cost/energy.hpp"
#include "systemc_model/mapping/instance_paths.hpp"

#include <fmt/format.h>
#include <utility>

namespace xloop {
namespace {

class InstanceLedger {
public:
    InstanceLedger(const Ledger& ledger, const MappedNetwork& network, const std::vector<UnitCosts>& types)
        : ledger_(ledger), mapping_(network.mapping), paths_(mapping_), kinds_(network.kinds), types_(types) {
        for (int type = 0; type < kinds_.types(); ++type)
            inventories_.push_back(tile_inventory(kinds_[type]));
    }

    std::vector<InstanceCost> run() {
        for (int t = 0; t < mapping_.tiles(); ++t)
            add_tile(t);
        type_ = 0;
        for (int r = 0; r < mapping_.routers(); ++r)
            add(paths_.router(r), {{Component::router, 1.0}, {Component::link, links_of(r)}});
        add(paths_.io(), {{Component::io_link, static_cast<double>(hardware().noc.io_links)}});
        if (known_ != ledger_.instance_dynamic_j.size())
            throw Error(fmt::format("{} of {} instances with activity are not on the chip",
                                    ledger_.instance_dynamic_j.size() - known_, ledger_.instance_dynamic_j.size()));
        return std::move(instances_);
    }

private:
    using Units = std::vector<std::pair<Component, double>>;

    const HardwareConfig& hardware() const { return kinds_[type_]; }
    double of_tile(Component c) const { return static_cast<double>(inventories_[static_cast<std::size_t>(type_)][c]); }

    void add(const std::string& path, const Units& units) {
        InstanceCost instance{path};
        if (const auto found = ledger_.instance_dynamic_j.find(path); found != ledger_.instance_dynamic_j.end()) {
            instance.dynamic_j = found->second;
            ++known_;
        }
        const UnitCosts& costs = types_[static_cast<std::size_t>(type_)];
        for (const auto& [component, count] : units) {
            const StaticEnergy energy = static_j(component, count, ledger_.seconds, costs, hardware());
            instance.leakage_j += energy.leakage_j;
            instance.refresh_j += energy.refresh_j;
            instance.clock_j += energy.clock_j;
            instance.area_mm2 += area_mm2(component, count, costs);
        }
        instances_.push_back(std::move(instance));
    }

    void add_tile(int tile) {
        type_ = mapping_.type_of(tile);
        const double arrays = hardware().arrays_per_tile(), pes = hardware().tile.pes;
        Units array;
        for (Component c : {Component::crossbar, Component::dac, Component::sample_hold, Component::column_mux,
                            Component::adc, Component::shift_add, Component::mac_array, Component::weight_memory})
            array.emplace_back(c, of_tile(c) / arrays);
        for (int p = 0; p < hardware().tile.pes; ++p) {
            for (int a = 0; a < hardware().pe.arrays; ++a)
                add(paths_.array(tile, p, a), array);
            for (Component c : {Component::input_register, Component::output_register})
                add(paths_.pe_part(tile, p, c), {{c, of_tile(c) / pes}});
        }
        for (Component c : {Component::buffer, Component::bus, Component::accumulator, Component::vector_unit,
                            Component::controller, Component::clock_tree})
            add(paths_.tile_part(tile, c), {{c, of_tile(c)}});
    }

    double links_of(int router) const {
        const ChipShape chip = mapping_.chip();
        const int x = router % chip.mesh_cols, y = router / chip.mesh_cols;
        if (chip.torus)
            return 2 * ((chip.mesh_cols > 1) + (chip.mesh_rows > 1));
        return (x > 0) + (x + 1 < chip.mesh_cols) + (y > 0) + (y + 1 < chip.mesh_rows);
    }

    const Ledger& ledger_;
    const Mapping& mapping_;
    InstancePaths paths_;
    const HardwareKinds& kinds_;
    const std::vector<UnitCosts>& types_;
    std::vector<Inventory> inventories_;
    int type_ = 0;  ///< of the tile that is being added; of what tiles share the base
    std::vector<InstanceCost> instances_;
    std::size_t known_ = 0;  ///< instances with activity
};

}  // namespace

std::vector<InstanceCost> instance_ledger(const Ledger& ledger, const MappedNetwork& network,
                                          const std::vector<UnitCosts>& types) {
    return InstanceLedger(ledger, network, types).run();
}

std::string instance_csv(const std::vector<InstanceCost>& instances) {
    std::string text = "instance,dynamic_j,leakage_j,refresh_j,clock_j,total_j,area_mm2\n";
    for (const InstanceCost& i : instances)
        text += fmt::format("{},{:.12g},{:.12g},{:.12g},{:.12g},{:.12g},{:.12g}\n", i.path, i.dynamic_j, i.leakage_j,
                            i.refresh_j, i.clock_j, i.dynamic_j + i.leakage_j + i.refresh_j + i.clock_j, i.area_mm2);
    return text;
}

}  // namespace xloop
