#include "tests/fuzz/fuzz_target.hpp"
#include "traces/bus/name_map.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace xloop::fuzz {
namespace {

struct Signal {
    trace::Levels scope;
    const char* name;
    int width;
};

/// The model's, and two of other tools, whose names hold what they like.
const std::vector<Signal> signals = {
    {{"chip"}, "clk", 1},
    {{"chip", "tile_0_1", "bus"}, "data", 384},
    {{"chip", "tile_2_10", "bus"}, "data", 384},
    {{"chip", "tile_0_1", "pe_3", "xbar_0", "adc_bank", "adc_0"}, "code", 6},
    {{"chip", "noc", "router_1_0", "east"}, "data", 128},
    {{"chip", "noc", "router_1_0", "west"}, "strobe", 1},
    {{"core"}, "a.b", 1},
    {{"core", "g[0]"}, "x/y", 1},
};

}  // namespace

void run_one(std::string_view text) {
    trace::NameMap map = trace::NameMap::of_text(std::string(text), "fuzz.yaml");
    std::set<std::vector<std::string>> nets;
    for (const Signal& signal : signals) {
        const auto net = map.rename(signal.scope, signal.name, signal.width);
        if (!net)
            continue;
        std::vector<std::string> levels = net->scope;
        levels.push_back(net->name);
        demand(levels.size() > 1, "a net outside all instances");
        demand(std::none_of(levels.begin(), levels.end(),
                            [](const std::string& level) { return level.empty() || trace::is_saif_keyword(level); }),
               "a name that power tools do not take");
        demand(nets.empty() || nets.begin()->front() == levels.front(), "two top instances");
        demand(nets.insert(levels).second, "two signals for one net");
    }
    demand(map.unmapped().size() <= signals.size(), "more signals than there are");
    demand(map.unused_rules().size() <= text.size(), "more rules than characters");
    demand(map.naming().divider == '/' || map.naming().divider == '.', "a divider that no tool takes");
}

}  // namespace xloop::fuzz
