#include <xloop/xloop.hpp>

#include "analysis/study.hpp"
#include "analysis/timed_run.hpp"
#include "core/config/tree.hpp"
#include "core/error.hpp"
#include "core/hardware_config.hpp"
#include "core/workload/float_network.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/cost/unit_costs.hpp"
#include "systemc_model/mapping/instance_ledger.hpp"
#include "systemc_model/mapping/map_network.hpp"
#include "systemc_model/sim/simulate.hpp"
#include "xloop_version.hpp"

#include <fmt/format.h>
#include <atomic>
#include <filesystem>
#include <utility>

namespace xloop::api {

struct Hardware::Data {
    HardwareConfig config;
};
struct Costs::Data {
    CostTable table;
};
struct Network::Data {
    WorkloadGraph graph;
};
struct Report::Data {
    HardwareReport report;
    std::shared_ptr<const MappedNetwork> network;
    CostTable costs;
};
struct Chip::Data {
    std::shared_ptr<const xloop::Chip> chip;
};

/// Makes the objects of the interface, and looks into them.
struct Access {
    template <class Object>
    static Object make(typename Object::Data data) {
        Object object;
        object.data_ = std::make_shared<const typename Object::Data>(std::move(data));
        return object;
    }
    /// An object that nothing was loaded into has nothing to say.
    template <class Object>
    static const typename Object::Data& of(const Object& object) {
        if (!object.data_)
            throw InputError(
                "expected an object that was loaded, estimated, programmed or simulated; got an empty one");
        return *object.data_;
    }
};

namespace {

constexpr const char* no_weights =
    ": the network has no integer weights; take the workload.yaml that `xloop eval` wrote, or "
    "Network::with_random_weights";

Network network_of(const NetworkSpec& spec, const std::string& subnet) {
    const SubnetPath path = subnet.empty() ? spec.largest_path() : spec.parse_path(subnet);
    WorkloadGraph graph = build_graph(spec.resolve(path));
    if (spec.searchable())
        graph.name += " " + spec.path_text(path);
    return Access::make<Network>({std::move(graph)});
}

bool is_workload(const std::string& path) { return config::load_file(path).find("input_scale") != nullptr; }

Study study_of(const MappedNetwork& network, const Costs& costs, SimulatedValues values, int images) {
    Study study;
    study.config.hardware = network.hardware;
    study.config.simulation.images = images;
    study.config.simulation.values = values;
    study.costs = Access::of(costs).table;
    study.graph = network.graph;
    return study;
}

/// SystemC elaborates once.
void demand_first_run() {
    static std::atomic<bool> ran{false};
    if (ran.exchange(true))
        throw Error("the cycle model runs once per process, and has; start another process for another run");
}

Simulation run_timed(const SimulationTask& task, const Costs& costs, std::shared_ptr<const MappedNetwork> network) {
    demand_first_run();
    const Study study =
        study_of(*network, costs, task.chip ? SimulatedValues::compute : SimulatedValues::counts, task.count);
    SimulationOptions options;
    options.limits = study.config.simulation.limits;
    SimulationResult result = xloop::simulate(task, options);
    HardwareReport report = simulation_report(result, study, *network);
    return {Access::make<Report>({std::move(report), std::move(network), study.costs}), std::move(result.logits)};
}

int image_count(const xloop::Chip& chip, const Pixels& images) {
    const std::size_t bytes = static_cast<std::size_t>(chip.network().graph.input.size());
    if (images.empty() || images.size() % bytes != 0)
        throw InputError(fmt::format("expected the pixels of whole images, {} bytes each ({}), got {} bytes", bytes,
                                     chip.network().graph.input.str(), images.size()));
    return static_cast<int>(images.size() / bytes);
}

void demand_images(int images) {
    if (images < 1)
        throw InputError(fmt::format("expected one image or more, got {}", images));
}

}  // namespace

std::string version() { return xloop::version; }

Hardware::Hardware() : data_(std::make_shared<const Data>()) {}

Hardware Hardware::load(const std::string& file, const std::vector<std::string>& settings) {
    return Access::make<Hardware>({load_hardware(file, settings)});
}

Costs Costs::load(const std::string& file) { return Access::make<Costs>({load_cost_table(file)}); }

Network Network::load(const std::string& path, const std::string& subnet) {
    if (std::filesystem::is_directory(path))
        return network_of(load_float_network(path).spec, subnet);
    if (!is_workload(path))
        return network_of(load_network(path), subnet);
    if (!subnet.empty())
        throw InputError(path + ": a workload has nothing to choose; leave the subnet out");
    return Access::make<Network>({load_workload(path)});
}

Network Network::parse(const std::string& yaml, const std::string& subnet) {
    return network_of(parse_network(yaml, "network"), subnet);
}

Network Network::with_random_weights(std::uint64_t seed) const {
    WorkloadGraph graph = Access::of(*this).graph;
    randomise_weights(graph, seed);
    return Access::make<Network>({std::move(graph)});
}

std::string Network::name() const { return Access::of(*this).graph.name; }
bool Network::has_weights() const { return Access::of(*this).graph.has_weights(); }
int Network::logits() const { return Access::of(*this).graph.logit_count(); }
std::int64_t Network::macs() const { return Access::of(*this).graph.macs(); }
std::vector<int> Network::input() const {
    const Shape& shape = Access::of(*this).graph.input;
    return {shape.channels, shape.height, shape.width};
}

int Report::images() const { return Access::of(*this).report.images; }
std::uint64_t Report::cycles() const { return Access::of(*this).report.cycles; }
std::uint64_t Report::latency_cycles() const { return Access::of(*this).report.latency_cycles; }
double Report::interval_cycles() const { return Access::of(*this).report.interval_cycles; }
double Report::clock_ghz() const { return Access::of(*this).report.clock_ghz; }
double Report::energy_j() const { return Access::of(*this).report.figures.energy_alone_j(); }
double Report::area_mm2() const { return Access::of(*this).report.figures.area_mm2; }
double Report::edap() const { return Access::of(*this).report.edap(); }
std::string Report::json() const { return Access::of(*this).report.json().dump(2); }

std::vector<LedgerRow> Report::ledger() const {
    const Ledger& ledger = Access::of(*this).report.ledger;
    std::vector<LedgerRow> rows;
    for (std::size_t c = 0; c < component_count; ++c)
        if (ledger.energy_j[c] > 0 || ledger.area_mm2[c] > 0)
            rows.push_back({name_of(static_cast<Component>(c)), ledger.dynamic_j[c],
                            ledger.leakage_j[c] + ledger.refresh_j[c] + ledger.clock_j[c], ledger.area_mm2[c]});
    rows.push_back({"total", ledger.dynamic_total_j, ledger.static_total_j(), ledger.area_total_mm2});
    return rows;
}

std::string Report::instances_csv() const {
    const Data& data = Access::of(*this);
    return instance_csv(
        instance_ledger(data.report.ledger, *data.network, type_costs(data.costs, data.network->kinds)));
}

Report estimate(const Network& network, const Hardware& hardware, const Costs& costs, int images) {
    demand_images(images);
    const auto mapped =
        std::make_shared<const MappedNetwork>(map_network(Access::of(network).graph, Access::of(hardware).config));
    const CostTable& table = Access::of(costs).table;
    return Access::make<Report>({estimate_hardware(*mapped, table, images), mapped, table});
}

Chip Chip::program(const Network& network, const Hardware& hardware, const Pixels& calibration, int threads) {
    const WorkloadGraph& graph = Access::of(network).graph;
    if (!graph.has_weights())
        throw InputError(graph.name + no_weights);
    const int images = static_cast<int>(calibration.size() / static_cast<std::size_t>(graph.input.size()));
    return Access::make<Chip>({xloop::program(map_network(graph, Access::of(hardware).config),
                                              {images > 0 ? calibration.data() : nullptr, images}, threads)});
}

Logits Chip::run(const Pixels& images, int threads) const {
    const xloop::Chip& chip = *Access::of(*this).chip;
    return run_images(chip.network().graph, chip, images.data(), 0, image_count(chip, images), threads);
}

Simulation Chip::simulate(const Pixels& images, const Costs& costs) const {
    const std::shared_ptr<const xloop::Chip>& chip = Access::of(*this).chip;
    const int count = image_count(*chip, images);
    return run_timed({*chip, images.data(), 0, count}, costs, {chip, &chip->network()});
}

Simulation simulate(const Network& network, const Hardware& hardware, const Costs& costs, int images) {
    demand_images(images);
    const auto mapped =
        std::make_shared<const MappedNetwork>(map_network(Access::of(network).graph, Access::of(hardware).config));
    return run_timed({*mapped, images}, costs, mapped);
}

}  // namespace xloop::api
