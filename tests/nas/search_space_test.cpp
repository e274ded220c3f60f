#include "nas/search_space.hpp"

#include "core/error.hpp"
#include "nas/hardware_estimator.hpp"
#include "tests/support.hpp"

#include <gmock/gmock.h>

#include <set>

namespace xloop {
namespace {

using testing::HasSubstr;

NetworkSpec network() {
    return parse_network(R"(
name: two
input: {channels: 1, height: 8, width: 8}
choices:
  depth: [1, 2]
  width: [4, 8]
layers:
  - {name: a, type: conv, out_channels_from: [width], kernel: 3, activation: relu}
  - {name: b, type: conv, out_channels_from: [width], kernel: [1, 3], activation: relu, present_if: depth >= 2}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: logits, type: linear, out_channels: 10}
)",
                         "two.yaml");
}

const char* const knobs_text = R"(
name: knobs
knobs:
  - {name: array, keys: [crossbar.rows, crossbar.cols], values: ["32", "16"]}
  - {name: adc, layers: ["*"], keys: ["layers.*.adc.bits"], values: ["4", "6"]}
  - {name: type, keys: [adc.type], values: [sar, flash]}
)";

HardwareSpace knobs() { return parse_hardware_space(knobs_text, "knobs.yaml"); }

TEST(SearchSpace, GivenNetworkAndKnobs_ThenGenomesNameThemAndSetTheHardware) {
    const SearchSpace space(network(), knobs(), HardwareConfig{});
    ASSERT_EQ(space.genes().size(), 3u + 1 + 3 + 1);
    EXPECT_EQ(space.size_text(), "256");
    EXPECT_EQ(space.network_text(space.largest()), "depth=2 width=8 b=k3");
    EXPECT_EQ(space.hardware_text(space.largest()), "array=32 adc@a=6 adc@b=6 adc@logits=6 type=flash");
    const Genome genome = space.parse("depth=2 width=4 b=k1", "array=16 adc@a=4 adc@b=6 adc@logits=4 type=flash");
    const HardwareConfig& hardware = space.hardware(space.assignments(genome));
    EXPECT_EQ(hardware.crossbar.rows, 16);
    EXPECT_EQ(hardware.crossbar.cols, 16);
    EXPECT_EQ(hardware.adc.type, AdcType::flash);
    ASSERT_EQ(hardware.layers.size(), 3u);
    EXPECT_EQ(hardware.layers[1].adc_bits, 6);
    EXPECT_EQ(space.parse(space.network_text(genome), space.hardware_text(genome)), genome);
    EXPECT_THROW(space.parse("depth=2 width=4 b=k1", "array=16"), InputError);
    EXPECT_THROW(space.parse("depth=2 width=4 b=k1", "array=16 adc@a=4 adc@b=6 adc@logits=4 type=ramp"), InputError);
}

TEST(SearchSpace, GivenALayerThatIsNotThere_ThenItsKnobsMeanNothing) {
    const SearchSpace space(network(), knobs(), HardwareConfig{});
    const Genome genome = space.parse("depth=1 width=4 b=k3", "array=16 adc@a=6 adc@b=6 adc@logits=6 type=sar");
    const Genome canonical = space.canonical(genome);
    EXPECT_EQ(space.network_text(canonical), "depth=1 width=4 b=k1");
    EXPECT_EQ(space.hardware_text(canonical), "array=16 adc@a=6 adc@b=4 adc@logits=6 type=sar");
    EXPECT_EQ(space.canonical(canonical), canonical);
    EXPECT_EQ(space.assignments(genome), space.assignments(canonical));
    std::set<Genome> different;
    for (int number = 0; number < 256; ++number) {
        Genome all;
        int rest = number;
        for (const Gene& gene : space.genes()) {
            all.push_back(rest % gene.levels);
            rest /= gene.levels;
        }
        different.insert(space.canonical(all));
    }
    EXPECT_EQ(different.size(), 128u + 32u) << "deep ones, and shallow ones without two choices";
}

TEST(HardwareSpace, GivenAKeyOfLayersWithoutPatterns_ThenAllLayersGetTheSame) {
    const SearchSpace space(network(),
                            parse_hardware_space(R"(
name: one
knobs: [{name: bits, keys: ["layers.*.weight_bits"], values: ["4", "8"]}]
)",
                                                 "one.yaml"),
                            HardwareConfig{});
    EXPECT_EQ(space.hardware_text(space.smallest()), "bits=4");
    const HardwareConfig& hardware = space.hardware(space.assignments(space.smallest()));
    ASSERT_EQ(hardware.layers.size(), 1u);
    EXPECT_TRUE(hardware.layers.front().matches("b"));
    EXPECT_EQ(hardware.layers.front().weight_bits, 4);
}

TEST(HardwareSpace, GivenFilesThatDoNotFit_ThenTheMessageNamesThem) {
    const auto message = [](const std::string& from, const std::string& to) {
        std::string text = knobs_text;
        text.replace(text.find(from), from.size(), to);
        try {
            const SearchSpace space(network(), parse_hardware_space(text, "knobs.yaml"), HardwareConfig{});
            space.hardware(space.assignments(space.largest()));
        } catch (const InputError& e) {
            return std::string(e.what());
        }
        return std::string("nothing");
    };
    EXPECT_THAT(message("[\"32\", \"16\"]", "[\"32\", \"32\"]"), HasSubstr("two or more different"));
    EXPECT_THAT(message("\"layers.*.adc.bits\"", "adc.bits"), HasSubstr("layer by layer"));
    EXPECT_THAT(message("layers: [\"*\"]", "layers: [\"x*\"]"), HasSubstr("matches x*"));
    EXPECT_THAT(message("name: type", "name: array"), HasSubstr("there twice"));
    EXPECT_THAT(message("keys: [adc.type]", "keys: [adc.typ]"), HasSubstr("adc.typ"));
    EXPECT_THAT(message("[sar, flash]", "[sar, flush]"), HasSubstr("flush"));
    EXPECT_THAT(message("name: knobs\n", "name: knobs\nmore: 1\n"), HasSubstr("unknown key"));
}

TEST(HardwareEstimator, GivenACandidate_ThenItsFiguresAreThoseOfTheEstimate) {
    const CostTable costs = load_cost_table(std::string(XLOOP_SOURCE_DIR) + "/configs/tech/generic_32nm.yaml");
    const SearchSpace space(network(), knobs(), HardwareConfig{});
    HardwareEstimator estimator(space, costs);
    const auto estimated = [&](const std::string& network_text, const std::string& hardware_text) {
        Candidate c;
        c.genome = space.parse(network_text, hardware_text);
        c.network = network_text;
        c.assignments = space.assignments(c.genome);
        estimator(c);
        return c;
    };
    const std::string hardware_text = "array=32 adc@a=6 adc@b=4 adc@logits=6 type=sar";
    const Candidate c = estimated("depth=2 width=8 b=k3", hardware_text);
    EXPECT_EQ(c.refused, "");
    const HardwareConfig& hardware = space.hardware(c.assignments);
    const QuickEstimator alone(build_graph(space.network().resolve(space.path(c.genome))));
    const QuickFigures figures = alone(hardware, type_costs(costs, HardwareKinds(hardware)));
    EXPECT_EQ(c.estimate.cycles, figures.latency_cycles);
    EXPECT_DOUBLE_EQ(c.estimate.figures.edap_alone(), figures.figures.edap_alone());
    EXPECT_EQ(c.weights, (9 + 1) * 8 + (9 * 8 + 1) * 8 + (8 + 1) * 10);
    EXPECT_LT(estimated("depth=1 width=4 b=k1", hardware_text).estimate.figures.edap_alone(),
              c.estimate.figures.edap_alone());
    // Fewer bits of a layer's converters take less energy.
    EXPECT_LT(estimated("depth=2 width=8 b=k3", "array=32 adc@a=4 adc@b=4 adc@logits=4 type=sar")
                  .estimate.figures.energy_alone_j(),
              c.estimate.figures.energy_alone_j());
}

}  // namespace
}  // namespace xloop
