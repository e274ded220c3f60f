#include "analysis/silicon.hpp"
#include "apps/command.hpp"
#include "apps/plot/silicon_plot.hpp"
#include "apps/text/silicon_text.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/installed.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Holds presets of published macros (configs/silicon) against what their papers report: energy, time, efficiency, area and shares
at each precision, number of rows and supply. Figures are told as the models have them, blind, and with the one constant that a
chip's file lets fit at one point. docs/silicon.md reads the outcome.

Examples:
  xloop silicon                                              all chips of configs/silicon
  xloop silicon configs/silicon/neurram.yaml --plot figures  one, with its curves in figures/neurram.svg
  xloop silicon my_chip.yaml --csv my_chip.csv               a chip of your own, by its file alone)";

struct SiliconOptions {
    std::vector<std::string> paths = {"configs/silicon"};
    std::string csv_file, plot_folder;
    bool json = false;
};

namespace fs = std::filesystem;

/// Files as they are, of folders all that end with .yaml, by name.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const std::string& name : paths) {
        const std::string path = installed(name);
        if (!fs::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        std::vector<std::string> found;
        for (const fs::directory_entry& entry : fs::directory_iterator(path))
            if (entry.path().extension() == ".yaml")
                found.push_back(entry.path().string());
        if (found.empty())
            throw InputError(path + ": holds no .yaml file of a chip");
        std::sort(found.begin(), found.end());
        files.insert(files.end(), found.begin(), found.end());
    }
    return files;
}

void run_silicon(const SiliconOptions& options) {
    std::vector<SiliconComparison> chips;
    for (const std::string& file : files_of(options.paths)) {
        chips.push_back(against_silicon(load_silicon_chip(file)));
        for (const std::string& warning : chips.back().warnings)
            spdlog::debug("{}: {}", file, warning);
    }
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, silicon_csv(chips));
    if (!options.plot_folder.empty()) {
        fs::create_directories(options.plot_folder);
        for (const SiliconComparison& chip : chips)
            plot_silicon(chip, (fs::path(options.plot_folder) / fs::path(chip.chip.file).stem()).string() + ".svg");
    }
    fmt::print("{}", options.json ? silicon_json(chips).dump(2) + "\n" : silicon_text(chips));
}

}  // namespace

void add_silicon_command(CommandLine& line) {
    CommandLine command =
        line.command("silicon", "published macros: what their papers report, and what comes out here");
    SiliconOptions& o = command.runs(run_silicon);
    command.footer(examples);
    command.option("FILE", &o.paths, "a chip's file (YAML), or a folder of them; default: configs/silicon");
    command.output("--csv", &o.csv_file, "write one line for each figure to this CSV file");
    command.option("--plot", &o.plot_folder, "draw a picture of each chip's curves into this folder (SVG, by gnuplot)")
        .type("FOLDER");
    command.option("--json", &o.json, "print one JSON object instead of tables");
}

}  // namespace xloop
