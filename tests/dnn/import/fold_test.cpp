#include "dnn/import/fold.hpp"
#include "dnn/import/operators.hpp"
#include "dnn/import/view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

// Operators on constants, by hand; and how views of maps are rearranged.
namespace xloop::importing {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using Values = std::vector<double>;
using Sizes = std::vector<std::int64_t>;

TensorPtr tensor(Sizes shape, Values values, Tensor::Type type = Tensor::Type::integer) {
    return std::make_shared<const Tensor>(Tensor{type, std::move(shape), std::move(values)});
}
TensorPtr list(Values values) { return tensor({static_cast<std::int64_t>(values.size())}, values); }

struct FoldCase {
    const char* op;
    std::vector<TensorPtr> inputs;
    std::map<std::string, Attribute> attributes;
    Sizes shape;
    Values values;
};

class Folds : public testing::TestWithParam<FoldCase> {};

TEST_P(Folds, GivenConstants_ThenTheResultIsWorkedOut) {
    const FoldCase& c = GetParam();
    OpNode node;
    node.op = c.op;
    node.outputs = {"a"};
    node.attributes = c.attributes;
    Budget budget;
    const fold::Outputs made = operator_named(c.op, 13)->fold({node, c.inputs, 13, budget});
    EXPECT_EQ(made.at(0).shape, c.shape);
    EXPECT_THAT(made.at(0).values, ElementsAreArray(c.values));
}

const TensorPtr grid = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
constexpr double far = std::numeric_limits<double>::max();

INSTANTIATE_TEST_SUITE_P(
    All, Folds,
    testing::Values(
        FoldCase{"Add", {grid, tensor({2, 1}, {10, 20})}, {}, {2, 3}, {11, 12, 13, 24, 25, 26}},
        FoldCase{"Div", {list({7, -7}), list({2})}, {}, {2}, {3, -3}},
        FoldCase{"Max", {list({1, 5}), list({3})}, {}, {2}, {3, 5}},
        FoldCase{"Mod", {list({7, -7}), list({3})}, {}, {2}, {1, 2}},
        FoldCase{"Equal", {list({1, 2}), list({2})}, {}, {2}, {0, 1}},
        FoldCase{"Cast", {tensor({2}, {1.9, -1.9}, Tensor::Type::real)}, {{"to", std::int64_t{7}}}, {2}, {1, -1}},
        FoldCase{
            "Concat", {grid, tensor({2, 1}, {8, 9})}, {{"axis", std::int64_t{1}}}, {2, 4}, {1, 2, 3, 8, 4, 5, 6, 9}},
        FoldCase{"ConstantOfShape", {list({2, 2})}, {}, {2, 2}, {0, 0, 0, 0}},
        FoldCase{"DequantizeLinear",
                 {grid, tensor({2}, {2, 10}), tensor({2}, {1, 4})},
                 {{"axis", std::int64_t{0}}},
                 {2, 3},
                 {0, 2, 4, 0, 10, 20}},
        FoldCase{"Expand", {list({1, 2}), list({2, 1})}, {}, {2, 2}, {1, 2, 1, 2}},
        FoldCase{"Flatten",
                 {tensor({1, 2, 3}, {1, 2, 3, 4, 5, 6})},
                 {{"axis", std::int64_t{2}}},
                 {2, 3},
                 {1, 2, 3, 4, 5, 6}},
        FoldCase{"Gather", {grid, list({-1, 0})}, {{"axis", std::int64_t{1}}}, {2, 2}, {3, 1, 6, 4}},
        FoldCase{"MatMul", {grid, tensor({3, 1}, {1, 0, 2})}, {}, {2, 1}, {7, 16}},
        FoldCase{"Range", {tensor({}, {5}), tensor({}, {0}), tensor({}, {-2})}, {}, {3}, {5, 3, 1}},
        FoldCase{"ReduceProd", {list({2, 3, 4})}, {{"keepdims", std::int64_t{0}}}, {}, {24}},
        FoldCase{"ReduceSum", {grid, list({1})}, {}, {2, 1}, {6, 15}},
        FoldCase{"ReduceMax", {grid}, {{"axes", Sizes{0}}}, {1, 3}, {4, 5, 6}},
        FoldCase{"Reshape", {grid, list({0, 1, -1})}, {}, {2, 1, 3}, {1, 2, 3, 4, 5, 6}},
        FoldCase{"Shape", {grid}, {}, {2}, {2, 3}}, FoldCase{"Size", {grid}, {}, {}, {6}},
        FoldCase{"Slice", {list({0, 1, 2, 3, 4}), list({-1}), list({-far}), list({0}), list({-2})}, {}, {3}, {4, 2, 0}},
        FoldCase{"Split", {list({1, 2, 3}), list({1, 2})}, {}, {1}, {1}},
        FoldCase{"Squeeze", {tensor({1, 2, 1}, {1, 2}), list({0})}, {}, {2, 1}, {1, 2}},
        FoldCase{"Tile", {list({1, 2}), list({2})}, {}, {4}, {1, 2, 1, 2}},
        FoldCase{"Transpose", {grid}, {}, {3, 2}, {1, 4, 2, 5, 3, 6}},
        FoldCase{"Unsqueeze", {list({1, 2}), list({0, -1})}, {}, {1, 2, 1}, {1, 2}},
        FoldCase{"Where", {list({1, 0}), list({5, 6}), list({8})}, {}, {2}, {5, 8}}),
    [](const auto& test) { return std::string(test.param.op); });

TEST(View, GivenAxesMergedSwappedAndSplit_ThenPlacesAreFollowed) {
    const Frame frame(Shape{6, 2, 5});
    const View whole{{{}, {{6, 10}}, {{2, 5}}, {{5, 1}}}};
    const View groups = *whole.reshaped({1, 2, 3, 2, 5});
    const View shuffled =
        *View{{groups.axes[0], groups.axes[2], groups.axes[1], groups.axes[3], groups.axes[4]}}.reshaped({1, 6, 10});
    EXPECT_THAT(shuffled.shape(), ElementsAre(1, 6, 10));
    EXPECT_THAT(channel_order(shuffled.axes[1], frame), ElementsAre(0, 3, 1, 4, 2, 5));
    EXPECT_EQ(role_of(shuffled.axes[2], frame), Role::positions);
    EXPECT_EQ(index_on(shuffled.axes[1], frame.place(3, 1, 4)), 1);
    EXPECT_FALSE(shuffled.reshaped({4, 15}));
    // Onto maps of another size, channels keep their order.
    EXPECT_EQ(carried(shuffled.axes[1], frame, Frame(Shape{6, 1, 1})), (Axis{{3, 1}, {2, 3}}));
}

}  // namespace
}  // namespace xloop::importing
