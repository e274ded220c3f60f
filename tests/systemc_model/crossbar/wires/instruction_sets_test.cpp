#include "systemc_model/crossbar/wires/elimination/solve.hpp"
#include "tests/systemc_model/crossbar/wires/wires_oracle.hpp"

#include <gtest/gtest.h>

namespace xloop::elimination {
namespace {

using Eigen::MatrixXd;

std::string name(InstructionSet set) { return "instruction set " + std::to_string(static_cast<int>(set)); }

constexpr Parasitics typical{700, 4, 9, 300};

template <class T>
class InstructionSets : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(InstructionSets, Precisions);

TYPED_TEST(InstructionSets, GivenAllOfThisMachine_ThenTheBitsOfGEffAreTheSame) {
    for (auto [m, n] : {std::pair{1, 1}, {5, 35}, {16, 16}, {33, 17}, {50, 34}}) {
        const MatrixXd g = test::random_conductances(m, n, 21);
        const auto portable = solve<TypeParam>(g, typical, InstructionSet::portable);
        for (const InstructionSet set : available_instruction_sets())
            EXPECT_EQ(solve<TypeParam>(g, typical, set), portable) << m << "x" << n << ", " << name(set);
    }
}

TEST(EliminatedArray, GivenAllInstructionSetsOfThisMachine_ThenTheBitsOfTheFieldsAreTheSame) {
    const MatrixXd g = test::random_conductances(21, 50, 22), weights = MatrixXd::Random(21, 50);
    const MatrixXd v = MatrixXd::Random(10, 21), ends = MatrixXd::Random(10, 50);
    const EliminatedArray portable(g, typical, InstructionSet::portable);
    for (const InstructionSet set : available_instruction_sets()) {
        const EliminatedArray array(g, typical, set);
        EXPECT_EQ(array.cell_voltages(v, ends), portable.cell_voltages(v, ends)) << name(set);
        EXPECT_EQ(array.own_path_products(), portable.own_path_products()) << name(set);
        EXPECT_EQ(array.weighted_products(weights), portable.weighted_products(weights)) << name(set);
    }
}

TEST(AvailableInstructionSets, GivenAnyMachine_ThenThePortableOneIsTheFirst) {
    EXPECT_EQ(available_instruction_sets().front(), InstructionSet::portable);
}

}  // namespace
}  // namespace xloop::elimination
