#include "analysis/study.hpp"
#include "apps/command.hpp"
#include "apps/text/costs_text.hpp"
#include "core/config/schema.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstdio>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Works a cost table out for one piece of hardware: energy of every event; area, leakage, refresh, clock and latency of every
unit, each with its origin; warnings where a source does not reach so far. Then power (every unit at its highest rate) and area
of an array (with drivers, converters and adders), a processing element (arrays and registers), a tile (with its share of a
router) and the chip (with links and i/o), and the chip's peak operations.

The chip is the mesh that noc.mesh_cols and noc.mesh_rows give, or as many tiles as the experiment's network takes; one tile
for --hardware without a mesh.

Examples:
  xloop costs configs/experiments/isaac_step.yaml
  xloop costs configs/experiments/vgg8.yaml -s adc.bits=6 --csv costs.csv
  xloop costs --hardware configs/hw/isaac_ce.yaml --costs configs/tech/isaac_32nm.yaml --json)";

struct CostsOptions {
    std::string experiment, hardware, cost_table, csv_file, type;
    std::vector<std::string> overrides;
    double io_link_gb_s = NameplateAssumptions().io_link_gb_s;
    bool json = false;
};

ChipShape given_chip(const HardwareConfig& hardware) {
    const NocConfig& noc = hardware.noc;
    const int cols = std::max(noc.mesh_cols, 1), rows = std::max(noc.mesh_rows, 1);
    const int tiles = noc.mesh_cols > 0 ? cols * rows * noc.concentration : 1;
    return {tiles, cols, rows, noc.topology == NocTopology::torus};
}

/// Of one type of tile: the chip is that of its tiles alone.
CostReport report_of_type(const CostTable& costs, const HardwareConfig& hardware, ChipShape chip,
                          const CostsOptions& options) {
    NameplateAssumptions assumed;
    assumed.io_link_gb_s = options.io_link_gb_s;
    const HardwareKinds kinds(hardware);
    std::vector<std::string> names;
    for (int type = 0; type < kinds.types(); ++type)
        names.push_back(kinds.name_of_type(type));
    const auto wanted = std::find(names.begin(), names.end(), options.type.empty() ? names.front() : options.type);
    if (wanted == names.end())
        throw InputError(fmt::format("--type {}: expected one of {}{}", options.type, fmt::join(names, ", "),
                                     did_you_mean(options.type, names)));
    const int type = static_cast<int>(wanted - names.begin());
    if (!chip.tile_types.empty())
        chip.tiles = std::max(chip.tiles_of_type(type), 1);
    CostReport report = make_cost_report(costs, kinds[type], chip, assumed);
    if (names.size() > 1)
        report.type = *wanted;
    names.erase(wanted);
    report.other_types = names;
    return report;
}

CostReport report_of(const CostsOptions& options) {
    if (!options.hardware.empty()) {
        const HardwareConfig hardware = load_hardware(options.hardware, options.overrides);
        return report_of_type(load_cost_table(options.cost_table), hardware, given_chip(hardware), options);
    }
    ExperimentOptions experiment;
    experiment.file = options.experiment;
    experiment.overrides = options.overrides;
    if (!options.cost_table.empty())
        experiment.overrides.push_back("cost_table=" + options.cost_table);
    const Study study = experiment.study(StudyNeeds::shapes);
    const HardwareConfig& hardware = study.config.hardware;
    const bool given = hardware.noc.mesh_cols > 0 && hardware.tile_types.empty();
    return report_of_type(study.costs, hardware, given ? given_chip(hardware) : study.map().mapping.chip(), options);
}

void run_costs(const CostsOptions& options) {
    if (options.experiment.empty() == options.hardware.empty())
        throw InputError("costs: expected either EXPERIMENT or --hardware FILE with --costs FILE");
    if (!options.hardware.empty() && options.cost_table.empty())
        throw InputError("costs: --hardware FILE needs --costs FILE, the cost table");
    const CostReport report = report_of(options);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, costs_csv(report));
    fmt::print("{}\n", options.json ? costs_json(report).dump(2) : costs_text(report));
}

}  // namespace

void add_costs_command(CommandLine& line) {
    CommandLine command =
        line.command("costs", "unit costs, nameplate power, area and peak operations of the hardware");
    CostsOptions& o = command.runs(run_costs);
    command.footer(examples);
    command.option("EXPERIMENT", &o.experiment, "experiment file (YAML)");
    command.option("--hardware", &o.hardware, "hardware file instead of an experiment, e.g. configs/hw/isaac_ce.yaml")
        .type("FILE");
    command.option("--costs", &o.cost_table, "cost table; with an experiment: instead of its own").type("FILE");
    command
        .option("--type", &o.type, "of a chip with several types of tiles the tiles of this one; without: of the base")
        .type("NAME");
    command.option("-s,--set", &o.overrides, "override one key, e.g. -s adc.bits=6 (repeatable)")
        .type("KEY=VALUE")
        .repeatable();
    command.option("--io-bandwidth", &o.io_link_gb_s, "of one off-chip link, for its power")
        .type("GB/s")
        .range(0.0, 1e6);
    command.output("--csv", &o.csv_file, "write all rows to this CSV file");
    command.option("--json", &o.json, "print one JSON object instead of tables");
}

}  // namespace xloop
