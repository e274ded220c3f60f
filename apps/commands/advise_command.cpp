#include "analysis/advice.hpp"
#include "apps/command.hpp"
#include "apps/plot/advice_plot.hpp"
#include "apps/text/advice_text.hpp"
#include "core/files.hpp"
#include "core/installed.hpp"
#include "core/progress.hpp"

#include <fmt/format.h>

namespace xloop {
namespace {

constexpr const char* examples = R"(
Tells of matrix products, or of the layers of a network, whether to compute them in memory: energy and time on each kind of tile,
with weights that stay, or come from the chip or from off chip for each product, beside digital tiles with the costs of the same
table. docs/advise.md has the rules and what they assume.

Examples:
  xloop advise 512x1024x1024 1x4096x4096                     products of M vectors, N outputs, K inputs
  xloop advise configs/networks/resnet50_224x224.yaml        the layers of a network
  xloop advise configs/products/bert_large.yaml --plot a.svg products from a file
  xloop advise 512x1024x1024 --add my_chip.yaml,my_costs.yaml -s numerics.weight_bits=4)";

struct AdviseOptions {
    std::vector<std::string> given, added, overrides;
    std::string tiles = "configs/tiles/standard.yaml";
    std::string csv_file, plot_file;
    bool costs = false, json = false;
};

void run_advise(const AdviseOptions& options) {
    AdviceTiles tiles = load_advice_tiles(installed(options.tiles));
    for (const std::string& files : options.added)
        add_advice_tile(tiles, files);
    std::vector<ProductList> asked;
    std::size_t products = 0;
    for (const std::string& given : options.given) {
        asked.push_back(read_products(installed(given)));
        products += asked.back().products.size();
    }
    Advisor advisor(tiles, options.overrides);
    const std::vector<std::string> warnings = advisor.warnings();
    std::vector<AdviceList> lists;
    Progress progress("products");
    std::size_t done = 0;
    for (const ProductList& list : asked) {
        lists.push_back({list.name, {}});
        for (const MatrixProduct& product : list.products) {
            lists.back().products.push_back(advisor(product));
            progress({static_cast<double>(++done) / static_cast<double>(products)});
        }
    }
    if (!options.csv_file.empty())
        write_file_atomically(options.csv_file, advice_csv(lists));
    if (!options.plot_file.empty())
        plot_advice(lists, options.plot_file);
    if (options.json)
        return fmt::print("{}\n", advice_json(lists, warnings).dump(2));
    fmt::print("{}", advice_text(lists, options.costs));
    if (!warnings.empty())
        fmt::print(
            "\nRows of the cost tables are asked for more than their sources cover: {} remarks (`cost_warnings` of "
            "--json).\n",
            warnings.size());
}

}  // namespace

void add_advise_command(CommandLine& line) {
    CommandLine command = line.command(
        "advise", "which layers or matrix products to compute in memory, on what, with weights from where");
    command.footer(examples);
    AdviseOptions& o = command.runs(run_advise);
    command.option("PRODUCT", &o.given, "MxNxK (vectors, outputs, inputs), a network file, or a file of products")
        .required();
    command.option("--tiles", &o.tiles, "kinds of tiles, and the digital one that they are held against").type("FILE");
    command.option("--add", &o.added, "a kind of tile more").type("HARDWARE,COST_TABLE").repeatable();
    command
        .option("-s,--set", &o.overrides,
                "KEY=VALUE of the hardware of every kind; the digital tiles that they are held against follow in "
                "numerics alone")
        .repeatable();
    command.option("--costs", &o.costs, "print energies, times and areas too, not gains alone");
    command.option("--json", &o.json, "print JSON");
    command.output("--csv", &o.csv_file, "write one line for each product and kind of tile to this CSV file");
    command.output("--plot", &o.plot_file, "draw gains against reuse (SVG, by gnuplot)");
}

}  // namespace xloop
