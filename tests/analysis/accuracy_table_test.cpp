#include "analysis/accuracy_table.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace xloop {
namespace {

using Engine = AccuracyCell::Engine;

AccuracyCell cell(Engine engine, const std::string& attack = "clean", double epsilon = 0.0, std::uint64_t seed = 0) {
    AccuracyCell cell{engine, seed, attack, epsilon};
    cell.total = 500;
    return cell;
}

/// What the main job measures today.
AccuracyTable of_a_run() {
    AccuracyTable table;
    table.add(cell(Engine::software), 0.852);
    table.add(cell(Engine::software, "pgd", 0.03), 0.61);
    table.add(cell(Engine::integer), 0.848);
    table.add(cell(Engine::chip, "clean", 0.0, 7), 0.798);
    table.add(cell(Engine::chip, "pgd", 0.03, 7), 0.002);
    return table;
}

TEST(AccuracyTable, GivenARun_ThenItsJsonHasOneKeyForEachEngineAndAttack) {
    EXPECT_EQ(
        of_a_run().json().dump(),
        R"({"software_clean":0.852,"software_pgd":0.61,"integer_clean":0.848,"chip_clean":0.798,"chip_pgd":0.002})");
}

TEST(AccuracyTable, GivenAShareOfImages_ThenItIsTheSameBitsAsTheirQuotient) {
    for (int total : {3, 16, 500, 9999})
        for (int right = 0; right <= total; right += 1 + total / 50) {
            AccuracyCell some = cell(Engine::chip);
            some.total = total;
            AccuracyTable table;
            table.add(some, static_cast<double>(right) / total);
            EXPECT_EQ(table.cells().front().correct, right);
            EXPECT_EQ(table.cells().front().share(), static_cast<double>(right) / total);
        }
}

TEST(AccuracyTable, GivenTheJsonOfARun_ThenTheCellsComeBackWithWhatTheRunKnows) {
    const AccuracyTable read = AccuracyTable::from_json(of_a_run().json(), cell(Engine::chip, "clean", 0.03, 7));
    ASSERT_EQ(read.cells().size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
        const AccuracyCell &a = read.cells()[i], b = of_a_run().cells()[i];
        EXPECT_EQ(a.engine, b.engine);
        EXPECT_EQ(a.attack, b.attack);
        EXPECT_EQ(a.epsilon, b.epsilon);
        EXPECT_EQ(a.chip_seed, b.chip_seed);
        EXPECT_EQ(a.correct, b.correct);
    }
}

TEST(AccuracyTable, GivenAttacksChipsAndEpsilonsThatAreNew_ThenEachHasAKeyOfItsOwnThatReadsAgain) {
    AccuracyTable table;
    table.add(cell(Engine::chip, "auto_attack", 0.03, 1), 0.5);
    table.add(cell(Engine::chip, "pgd", 0.03, 1), 0.25);
    table.add(cell(Engine::chip, "pgd", 1e-05, 1), 0.75);
    table.add(cell(Engine::software, "pgd", 0.03), 0.124);
    const std::string text = table.json().dump();
    EXPECT_EQ(text,
              R"({"chip_auto_attack":0.5,"chip_pgd_eps0.03":0.25,"chip_pgd_eps1e-05":0.75,"software_pgd":0.124})");
    const AccuracyTable read = AccuracyTable::from_json(table.json(), cell(Engine::chip, "clean", 0.03, 1));
    EXPECT_EQ(read.json().dump(), text);
    EXPECT_EQ(read.cells()[0].attack, "auto_attack");
    EXPECT_EQ(read.cells()[2].epsilon, 1e-05);

    AccuracyCell corrected = cell(Engine::ideal_chip, "pgd", 0.03);
    corrected.recalibrated = true;
    table.add(corrected, 0.5);
    EXPECT_TRUE(table.json().contains("ideal_chip_pgd_recalibrated"));
    EXPECT_TRUE(AccuracyTable::from_json(table.json(), cell(Engine::chip, "clean", 0.03)).cells()[4].recalibrated);
    table = AccuracyTable::from_json(read.json(), cell(Engine::chip, "clean", 0.03, 1));

    table.add(cell(Engine::chip, "pgd", 0.03, 2), 0.0);
    EXPECT_TRUE(table.json().contains("chip_pgd_eps0.03_seed2"));
    EXPECT_EQ(AccuracyTable::from_json(table.json(), cell(Engine::chip)).cells()[4].chip_seed, 2u);
}

TEST(AccuracyTable, GivenSeveralAttacks_ThenTheLowestAccuracyIsTheRobustOne) {
    AccuracyTable table = of_a_run();
    EXPECT_DOUBLE_EQ(table.clean(Engine::software), 0.852);
    EXPECT_DOUBLE_EQ(table.robust(Engine::software), 0.61);
    table.add(cell(Engine::software, "square", 0.03), 0.55);
    EXPECT_DOUBLE_EQ(table.robust(Engine::software), 0.55);
    EXPECT_THROW(table.robust(Engine::integer), Error);
}

TEST(AccuracyTable, GivenAKeyThatIsNoCells_ThenItIsRefused) {
    for (const char* key : {"chip", "chip_", "tpu_clean", ""})
        EXPECT_THROW(AccuracyTable::from_json(Json{{key, 0.5}}, cell(Engine::chip)), InputError) << key;
    EXPECT_THROW(AccuracyTable::from_json(Json{{"chip_clean", "much"}}, cell(Engine::chip)), Json::exception);
}

}  // namespace
}  // namespace xloop
