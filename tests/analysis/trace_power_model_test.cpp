#include "analysis/trace_power_model.hpp"

#include "core/files.hpp"
#include "systemc_model/cost/expected_data.hpp"
#include "systemc_model/estimate/activity_count.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "tests/support.hpp"
#include "tests/traces/sink_support.hpp"
#include "traces/power/power_sink.hpp"

#include <map>

namespace xloop {
namespace {

/// Spreads the counts of a whole run over it, as a trace would, and compares with the run's ledger.
class TracePowerModelTest : public trace::SinkTest {
protected:
    void expect_ledger(const StudyConfig& config, const DataAverages& averages) {
        const MappedNetwork network = map_network(graph_, config.hardware);
        const CostTable table = load_cost_table(XLOOP_SOURCE_DIR "/configs/tech/generic_22nm.yaml");
        const trace::PowerModel model = trace_power_model(network, config, table);
        ActivityRecord counted = count_activity(network, config.simulation.images).sizes_only();
        if (config.simulation.computes())
            expect_data(counted, config.hardware, {0.3, 0.2, {}});
        declarations_.instances.clear();
        for (const auto& [path, counters] : counted.instances)
            declarations_.instances.push_back({path});
        trace::PowerSink sink({file("p.csv"), file("i.csv"), ""}, std::make_shared<trace::PowerModel>(model), 100);
        sink.begin(declarations_);
        int instance = 0;
        for (const auto& [path, counters] : counted.instances) {
            for (std::size_t e = 0; e < event_count; ++e)
                sink.count({instance, static_cast<Event>(e), counters.events[e], 10, 990});
            ++instance;
        }
        sink.end(1'000'000);

        if (!config.simulation.computes())
            expect_data(counted, config.hardware, averages);
        const UnitCosts costs = unit_costs(table, config.hardware);
        const Ledger ledger =
            make_ledger(counted, 1000 * model.cycle_s, config.hardware, network.mapping.chip(), costs);
        EXPECT_GT(ledger.static_total_j(), 0);
        EXPECT_NEAR(sink.energy_j() / ledger.energy_total_j, 1, 1e-9);
        PerComponent by_class{};
        const std::vector<Component> classes = model.classes();
        for (const auto& row : csv(text("p.csv")))
            if (row[0] != "start_cycle")
                for (std::size_t c = 0; c < classes.size(); ++c)
                    by_class[static_cast<std::size_t>(classes[c])] += 100 * model.cycle_s * std::stod(row[4 + c]);
        for (std::size_t c = 0; c < component_count; ++c)
            EXPECT_NEAR(by_class[c], ledger.energy_j[c], 1e-9 * ledger.energy_total_j)
                << name_of(static_cast<Component>(c));
        expect_instances(ledger, network, costs);
    }

    /// Those that count nothing are within `(static)`.
    void expect_instances(const Ledger& ledger, const MappedNetwork& network, const UnitCosts& costs) {
        std::map<std::string, double> listed;
        double sum = 0, total = 0;
        for (const auto& row : csv(text("i.csv")))
            if (row[0] != "start_s") {
                const double joule = std::stod(row[3]) * (std::stod(row[1]) - std::stod(row[0]));
                listed[row[2]] += joule;
                sum += joule;
            }
        for (const InstanceCost& i : instance_ledger(ledger, network, {costs})) {
            const double joule = i.dynamic_j + i.leakage_j + i.refresh_j + i.clock_j;
            total += joule;
            // Expected events are rounded to whole ones in each instance of the ledger.
            if (i.dynamic_j > 1e-3 * ledger.dynamic_total_j) {
                EXPECT_NEAR(listed[i.path] / joule, 1, 1e-3) << i.path;
            }
        }
        EXPECT_NEAR(sum / total, 1, 1e-9);
    }

    static StudyConfig counting() {
        StudyConfig config;
        config.simulation.values = SimulatedValues::counts;
        config.simulation.images = 3;
        return config;
    }

    WorkloadGraph graph_ = test::random_graph(test::all_kinds);
};

TEST_F(TracePowerModelTest, GivenARunThatCounts_ThenTheIntegralIsTheLedgersByClassAndInstance) {
    expect_ledger(counting(), {});
}

TEST_F(TracePowerModelTest, GivenRecordedStatistics_ThenTheIntegralIsTheLedgersToo) {
    StudyConfig config = counting();
    config.simulation.statistics = file("statistics.yaml");
    std::string yaml = "layers:\n";
    DataAverages averages;
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
        const bool arrays = graph_.layers[l].on_crossbars();
        averages.active_rows_of_layer.push_back(arrays ? 0.05 * static_cast<double>(l + 1) : -1);
        if (arrays)
            yaml += "  - {name: " + graph_.layers[l].name +
                    ", active_rows: " + std::to_string(averages.active_rows_of_layer.back()) + "}\n";
    }
    write_file_atomically(config.simulation.statistics, yaml);
    expect_ledger(config, averages);
}

TEST_F(TracePowerModelTest, GivenARunThatComputes_ThenEventsCostWhatTheyAreCountedFor) {
    StudyConfig config = counting();
    config.simulation.values = SimulatedValues::compute;
    expect_ledger(config, {});
}

}  // namespace
}  // namespace xloop
