#include "apps/command.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/hardware_config.hpp"
#include "core/installed.hpp"
#include "core/table.hpp"
#include "core/workload/float_network.hpp"
#include "systemc_model/mapping/map_network.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace xloop {
namespace {

namespace fs = std::filesystem;

constexpr const char* examples = R"(
Parameters are numbers that training sets: weights, biases, factors and shifts of batch normalisation; of a searchable network
those of its largest subnet. Arrays and tiles are what the network takes on the hardware; with too little of it, in rounds.

Examples:
  xloop networks                                          those of configs/networks, on the built-in hardware
  xloop networks --hardware configs/hw/isaac_ce.yaml      on other hardware
  xloop networks my_net.yaml resnet20_imported/network.yaml --csv sizes.csv)";

struct NetworksOptions {
    std::vector<std::string> files;
    std::string hardware, csv_file;
    std::vector<std::string> overrides;
    bool json = false;
};

/// Files of a folder in the order of their names; files as they are.
std::vector<std::string> network_files(const std::vector<std::string>& given) {
    std::vector<std::string> files;
    for (const std::string& name : given.empty() ? std::vector<std::string>{"configs/networks"} : given) {
        const std::string path = installed(name);
        if (!fs::is_directory(path)) {
            if (given.empty())
                throw InputError("configs/networks: no such folder here; name network files, or a folder of them");
            files.push_back(path);
            continue;
        }
        const std::size_t first = files.size();
        for (const auto& entry : fs::directory_iterator(path))
            if (entry.path().extension() == ".yaml")
                files.push_back(entry.path().string());
        if (files.size() == first)
            throw InputError(path + ": a folder without network files (*.yaml)");
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
    }
    return files;
}

void add_network(Table& table, const std::string& file, const HardwareConfig& hardware) {
    const NetworkSpec space = load_network(file);
    const NetworkSpec spec = space.resolve(space.largest_path());
    WorkloadGraph graph = build_graph(spec);
    const auto with_arrays = std::count_if(graph.layers.begin(), graph.layers.end(),
                                           [](const GraphLayer& layer) { return layer.on_crossbars(); });
    const std::int64_t macs = graph.macs();
    Json arrays, tiles, rounds;
    try {
        const MappedNetwork mapped = map_network(std::move(graph), hardware);
        arrays = mapped.mapping.used_arrays;
        tiles = mapped.mapping.used_tiles;
        rounds = mapped.mapping.rounds;
    } catch (const Error& error) {
        spdlog::warn("{} does not fit the hardware: {}", file, error.what());
    }
    table.add(space.name, file, spec.input.str(), with_arrays, spec.layers.size(),
              space.searchable() ? Json(space.path_count()) : Json(), parameter_count(spec), macs, arrays, tiles,
              rounds);
}

void run_networks(const NetworksOptions& options) {
    const HardwareConfig hardware = load_hardware(options.hardware, options.overrides);
    Table table{"networks",
                {{"network", "network", -22},
                 {"file", "", 0},
                 {"input", "input", -11, 2},
                 {"layers_with_weights", "with arrays", 11, 2},
                 {"layers", "layers", 6, 2},
                 {"subnets", "subnets", 7, 2},
                 {"parameters", "parameters", 11, 2},
                 {"macs", "multiply-adds", 14, 2},
                 {"arrays", "arrays", 7, 2},
                 {"tiles", "tiles", 6, 2},
                 {"rounds", "rounds", 6, 2}}};
    for (const std::string& file : network_files(options.files))
        add_network(table, file, hardware);
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, table.csv());
    fmt::print("{}", options.json ? table.json().dump(2) + "\n" : table.text());
}

}  // namespace

void add_networks_command(CommandLine& line) {
    CommandLine command =
        line.command("networks", "networks that are there, with parameters, multiply-adds, arrays and tiles");
    command.footer(examples);
    NetworksOptions& o = command.runs(run_networks);
    command.option("FILE", &o.files, "network files or folders of them; default: configs/networks");
    command.option("--hardware", &o.hardware, "hardware that they are mapped on; default: the built-in one")
        .type("FILE");
    command.option("-s,--set", &o.overrides, "KEY=VALUE of the hardware").repeatable();
    command.option("--json", &o.json, "print JSON");
    command.output("--csv", &o.csv_file, "write the table to this CSV file");
}

}  // namespace xloop
