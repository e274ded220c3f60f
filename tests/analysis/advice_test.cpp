#include "analysis/advice.hpp"
#include "apps/text/advice_text.hpp"
#include "core/error.hpp"
#include "systemc_model/cost/cost_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xloop {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Level = WeightLevel;

const std::string configs = std::string(XLOOP_SOURCE_DIR) + "/configs";

MatrixProduct product(int m, int n, int k, int groups = 1) { return {"product", m, n, k, groups, 1, false}; }

CostTable generic_costs() { return load_cost_table(configs + "/tech/generic_32nm.yaml"); }

ProductEstimator estimator(const std::vector<std::string>& overrides = {}) {
    return {load_hardware(configs + "/hw/reram_64x64.yaml", overrides), generic_costs()};
}

UnitCosts unit_costs_of(const ProductEstimator& estimator) { return unit_costs(generic_costs(), estimator.hardware()); }

/// A tile and its baseline, with these energies of the product and of a load of either level.
TileAdvice made_up(double own_j, double own_load_j, double digital_j, double digital_load_j) {
    const auto cost = [](double product_j, double load_j) {
        ProductCost made;
        made.dynamic_j = product_j;
        for (const Level level : {Level::on_chip, Level::off_chip})
            made.loads[static_cast<std::size_t>(level)].write_j = load_j;
        return made;
    };
    return {"made_up", "costs", {}, true, {}, cost(own_j, own_load_j), cost(digital_j, digital_load_j)};
}

TEST(Advice, GivenTheSizesOfAProduct_ThenReuseIsMultiplyAccumulatesOverValues) {
    EXPECT_DOUBLE_EQ(product(512, 1024, 1024).algorithmic_reuse(), 256);  // published for BERT-Large
    EXPECT_DOUBLE_EQ(product(1, 1, 1).algorithmic_reuse(), 1.0 / 3);
    EXPECT_NEAR(product(1, 4096, 4096).algorithmic_reuse(), 1, 1e-3);
    EXPECT_DOUBLE_EQ(product(512, 1024, 1024, 4).macs(), 4.0 * 512 * 1024 * 1024);
    EXPECT_DOUBLE_EQ(product(512, 1024, 1024, 4).algorithmic_reuse(), 256);
}

TEST(Advice, GivenSizesAsText_ThenTheyAreAProduct) {
    const ProductList list = read_products("512x256x128");
    ASSERT_EQ(list.products.size(), 1u);
    EXPECT_EQ(list.products[0].m, 512);
    EXPECT_EQ(list.products[0].n, 256);
    EXPECT_EQ(list.products[0].k, 128);
    for (const char* wrong :
         {"512x256", "512x256x0", "512x256x128x2", "x1x1", "1x1x-1", "1x1x2000000", "no_such_file.yaml"})
        EXPECT_THAT([&] { read_products(wrong); }, ThrowsMessage<InputError>(HasSubstr("expected MxNxK"))) << wrong;
}

TEST(Advice, GivenANetwork_ThenLayersOfOneSizeAreOneProduct) {
    const NetworkSpec network = parse_network(R"(name: net
input: {channels: 8, height: 6, width: 5}
layers:
  - {name: a, type: conv, out_channels: 8, kernel: 3}
  - {name: b, type: conv, out_channels: 8, kernel: 3}
  - {name: depthwise, type: conv, out_channels: 8, kernel: 3, groups: 8}
  - {name: pool, type: avg_pool, kernel: 0}
  - {name: classes, type: linear, out_channels: 3}
)",
                                              "test");
    const ProductList list = products_of(network.resolve({}));
    ASSERT_EQ(list.products.size(), 3u);
    const auto expect = [&](std::size_t i, const std::string& name, int m, int n, int k, int groups, int count) {
        const MatrixProduct& p = list.products[i];
        EXPECT_EQ(p.name, name);
        EXPECT_EQ(p.m, m);
        EXPECT_EQ(p.n, n);
        EXPECT_EQ(p.k, k);
        EXPECT_EQ(p.groups, groups);
        EXPECT_EQ(p.count, count);
    };
    expect(0, "a", 30, 8, 72, 1, 2);
    expect(1, "depthwise", 30, 1, 9, 8, 1);
    expect(2, "classes", 1, 3, 8, 1, 1);
}

TEST(Advice, GivenAFileOfProducts_ThenWrongKeysAreNamed) {
    const auto message = [](const std::string& row) {
        try {
            parse_products("name: made_up\nproducts:\n  - " + row + "\n", "made_up.yaml");
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("none");
    };
    EXPECT_EQ(message("{name: a, m: 1, n: 2, k: 3, groups: 4, count: 5, weights_change: true}"), "none");
    EXPECT_THAT(message("{name: a, m: 1, n: 2}"), HasSubstr("made_up.yaml:3"));
    EXPECT_THAT(message("{name: a, m: 0, n: 2, k: 3}"), HasSubstr("made_up.yaml:3:18: m: expected an integer"));
    EXPECT_THAT(message("{name: a, m: 1, n: 2, k: 3, rows: 1}"), HasSubstr("rows"));
}

TEST(Advice, GivenALoad_ThenEveryCellOfTheArraysIsWritten) {
    ProductEstimator of = estimator();
    const ProductCost& cost = of(product(4, 16, 128));
    // 8 weights of 4 pairs of cells in a row of 64: 2 x 2 arrays, all full.
    EXPECT_EQ(cost.arrays, 4);
    EXPECT_DOUBLE_EQ(cost.fill, 1);
    const UnitCosts units = unit_costs_of(of);
    const double write_j = 4 * 64 * 64 * 1e-12 * units[Event::cell_write].energy_pj;
    EXPECT_NEAR(cost.load(Level::on_chip).write_j, write_j, 1e-9 * write_j);
    EXPECT_EQ(cost.load(Level::off_chip).write_j, cost.load(Level::on_chip).write_j);
    EXPECT_EQ(cost.load(Level::resident).energy_j(), 0);
    EXPECT_EQ(cost.load(Level::resident).seconds, 0);
    // Rows of 1 us, all arrays at once.
    EXPECT_NEAR(cost.load(Level::on_chip).seconds, 64e-6, 1e-12);
    const double byte_pj = units[Event::buffer_read_byte].energy_pj + units[Event::bus_byte].energy_pj;
    EXPECT_NEAR(cost.load(Level::on_chip).move_j, 1e-12 * 16 * 128 * byte_pj, 1e-18);
    const double more_j = cost.load(Level::off_chip).move_j - cost.load(Level::on_chip).move_j;
    EXPECT_GT(more_j, 1e-12 * 16 * 128 * (units[Event::io_byte].energy_pj + units[Event::buffer_write_byte].energy_pj));
}

TEST(Advice, GivenADigitalTile_ThenEverySetOfItsWeightsIsWritten) {
    ProductEstimator of = estimator({"tile.engine=digital"});
    const ProductCost& cost = of(product(4, 64, 128));
    EXPECT_EQ(cost.arrays, 2);
    const double write_j = 2 * 16 * 256 * 1e-12 * unit_costs_of(of)[Event::weight_write_byte].energy_pj;
    EXPECT_NEAR(cost.load(Level::on_chip).write_j, write_j, 1e-9 * write_j);
    // 8192 bytes over a border of 32 bits at 1 GHz.
    EXPECT_NEAR(cost.load(Level::off_chip).seconds, 2048e-9, 1e-15);
}

TEST(Advice, GivenMoreVectors_ThenEnergyOfEventsGoesWithThem) {
    ProductEstimator of = estimator();
    const double per_vector = of(product(32, 64, 256)).dynamic_j / 32;
    // All 32 are estimated one by one, those beyond by the last 16 of them.
    EXPECT_NEAR(of(product(1000, 64, 256)).dynamic_j, 1000 * per_vector, 1e-6 * 1000 * per_vector);
    EXPECT_GT(of(product(1000, 64, 256)).seconds, 900 * 800e-9);  // eight reads of 100 ns each
    EXPECT_NEAR(of(product(1000, 64, 256)).seconds, 1000 * 800e-9, 0.05 * 1000 * 800e-9);
}

TEST(Advice, GivenALargeProduct_ThenItIsCutIntoPiecesThatHoldAllOfIt) {
    ProductEstimator of = estimator();
    const ProductCost& cost = of(product(16, 4097, 1024));
    EXPECT_GT(cost.pieces, 1);
    EXPECT_GE(cost.arrays, 16 * 513);  // of 8 outputs each
    EXPECT_LE(cost.arrays, 16 * (513 + cost.pieces));
    EXPECT_GT(of(product(16, 1, 9, 32)).arrays, 31);  // a group fills no array, but shares it with none
}

TEST(Advice, GivenEnergiesOfAProduct_ThenTheBreakEvenIsWhereTheyMeet) {
    const TileAdvice tile = made_up(2, 30, 4, 8);
    EXPECT_DOUBLE_EQ(tile.gain(Level::resident, Level::resident), 2);
    EXPECT_DOUBLE_EQ(tile.gain(Level::resident, Level::off_chip), 6);
    EXPECT_DOUBLE_EQ(tile.gain(Level::on_chip, Level::on_chip), 12.0 / 32);
    // 2 + 30 / r = 4 + 8
    EXPECT_DOUBLE_EQ(*tile.break_even(Level::off_chip), 3);
    EXPECT_FALSE(made_up(12, 30, 4, 8).break_even(Level::off_chip));
}

TEST(Advice, GivenGains_ThenTheVerdictFollowsItsRules) {
    const auto verdict = [](const TileAdvice& tile, bool weights_change) {
        ProductAdvice advice{product(1, 1, 1), {tile}};
        advice.product.weights_change = weights_change;
        return advice.verdict();
    };
    EXPECT_EQ(verdict(made_up(2, 30, 4, 8), false), Verdict::in_memory);
    EXPECT_EQ(verdict(made_up(2, 30, 4, 8), true), Verdict::not_in_memory);
    EXPECT_EQ(verdict(made_up(5, 30, 4, 8), false), Verdict::instead_of_fetching);
    EXPECT_EQ(verdict(made_up(20, 30, 4, 8), false), Verdict::not_in_memory);
    EXPECT_EQ(verdict(made_up(4.1, 1, 4, 0.1), false), Verdict::even);
    ProductAdvice nothing{product(1, 1, 1), {}};
    EXPECT_EQ(nothing.verdict(), Verdict::not_in_memory);
    EXPECT_THAT(verdict_text(nothing), HasSubstr("no tile"));
}

TEST(Advice, GivenSeveralProducts_ThenTotalsCountEachAsOftenAsItIsThere) {
    ProductAdvice stays{product(1, 1, 1), {made_up(2, 30, 4, 8)}}, changes = stays;
    stays.product.count = 3;
    changes.product.weights_change = true;
    const std::vector<TileTotals> totals = totals_of({stays, changes});
    ASSERT_EQ(totals.size(), 1u);
    EXPECT_EQ(totals[0].products, 4);
    EXPECT_EQ(totals[0].kept, 3);
    EXPECT_EQ(totals[0].changing, 0);
    EXPECT_DOUBLE_EQ(totals[0].own_j[0], 3 * 2 + 32);
    EXPECT_DOUBLE_EQ(totals[0].own_j[2], 4 * 32);
    EXPECT_DOUBLE_EQ(totals[0].digital_j[0], 3 * 4 + 12);
}

TEST(Advice, GivenTheStandardTiles_ThenEachIsHeldAgainstDigitalOnesOfItsCosts) {
    AdviceTiles tiles = load_advice_tiles(configs + "/tiles/standard.yaml");
    add_advice_tile(tiles, configs + "/hw/isaac_ce.yaml," + configs + "/tech/isaac_32nm.yaml");
    EXPECT_EQ(tiles.tiles.back().name, "isaac_ce");
    EXPECT_THAT([&] { add_advice_tile(tiles, "a.yaml"); }, ThrowsMessage<InputError>(HasSubstr("HARDWARE,COST_TABLE")));
    EXPECT_THAT([&] { add_advice_tile(tiles, "reram_32nm.yaml,b.yaml"); },
                ThrowsMessage<InputError>(HasSubstr("there is a tile `reram_32nm` already")));
    tiles.tiles.resize(2);
    tiles.tiles[1].overrides = {"numerics.weight_bits=4", "numerics.activation_bits=3"};
    const ProductAdvice advice = Advisor(tiles, {})(product(4, 64, 128));
    ASSERT_EQ(advice.tiles.size(), 2u);
    const auto digital_j = [](const std::string& costs, const std::vector<std::string>& bits) {
        std::vector<std::string> overrides = bits;
        overrides.insert(overrides.begin(), "tile.engine=digital");
        ProductEstimator of(load_hardware(configs + "/hw/reram_64x64.yaml", overrides),
                            load_cost_table(configs + "/tech/" + costs));
        return of(product(4, 64, 128)).energy_j(Level::off_chip);
    };
    ASSERT_TRUE(advice.tiles[0].fits() && advice.tiles[1].fits());
    EXPECT_EQ(advice.tiles[0].digital->energy_j(Level::off_chip), digital_j("generic_32nm.yaml", {}));
    // With multipliers of the wider of both widths.
    EXPECT_EQ(
        advice.tiles[1].digital->energy_j(Level::off_chip),
        digital_j("generic_22nm.yaml", {"numerics.weight_bits=4", "numerics.activation_bits=3", "digital.bits=4"}));
}

}  // namespace
}  // namespace xloop
