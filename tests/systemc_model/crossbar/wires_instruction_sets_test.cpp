#include "systemc_model/crossbar/wires/elimination/solve.hpp"
#include "tests/systemc_model/crossbar/wires_oracle.hpp"

#include <gtest/gtest.h>

namespace xloop::elimination {
namespace {

template <class T>
class InstructionSets : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(InstructionSets, Precisions);

TYPED_TEST(InstructionSets, GivenEveryOneOfThisMachine_ThenBitsAreTheSame) {
    for (auto [m, n] : {std::pair{1, 1}, {5, 70}, {16, 16}, {33, 17}, {64, 48}, {20, 37}, {90, 75}}) {
        const Eigen::MatrixXd g = test::random_conductances(m, n, 21);
        for (const Parasitics& r : {Parasitics{700, 4, 9, 300}, Parasitics{0, 20, 0, 5}}) {
            const auto portable = solve<TypeParam>(g, r, InstructionSet::portable);
            for (const InstructionSet set : available_instruction_sets())
                EXPECT_EQ(solve<TypeParam>(g, r, set), portable) << m << "x" << n << ", set " << static_cast<int>(set);
        }
    }
}

TEST(AvailableInstructionSets, GivenAnyMachine_ThenThePortableOneIsTheFirst) {
    EXPECT_EQ(available_instruction_sets().front(), InstructionSet::portable);
}

}  // namespace
}  // namespace xloop::elimination
