#include "dnn/import/operators.hpp"
#include "tests/dnn/import/onnx_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>

// Whatever a file holds, it is one message that says where and why.
namespace xloop {
namespace {

using test::Model;
using test::refusal;
using test::Sizes;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

struct Refused {
    const char* name;
    std::vector<std::string> parts;  ///< of the message
    std::function<std::string(Model&)> build;
};

class Refusals : public testing::TestWithParam<Refused> {};

TEST_P(Refusals, GivenTheModel_ThenTheMessageSaysWhereAndWhy) {
    Model model({1, 2, 4, 4}, 20);
    const std::string output = GetParam().build(model);
    const std::string message = refusal(model.bytes({output}));
    EXPECT_THAT(message, HasSubstr("model.onnx: "));
    for (const std::string& part : GetParam().parts)
        EXPECT_THAT(message, HasSubstr(part));
}

std::function<std::string(Model&)> last(const char* op, const Model::Attributes& attributes = {}) {
    return [=](Model& m) { return m.node(op, {m.conv("x", 2, 2)}, attributes); };
}

INSTANTIATE_TEST_SUITE_P(
    All, Refusals,
    testing::Values(
        Refused{"operator_that_is_not_imported",
                {"node `Resize2` (ai.onnx::Resize)", "is not imported", "docs/import.md"},
                last("Resize")},
        Refused{"operator_of_another_domain",
                {"(com.microsoft::QGemm)", "other domains"},
                [](Model& m) {
                    const std::string y = m.node("QGemm", {m.conv("x", 2, 2)});
                    m.graph().mutable_node(1)->set_domain("com.microsoft");
                    return y;
                }},
        Refused{"operator_for_constants", {"(ai.onnx::Floor)", "on constants only"}, last("Floor")},
        Refused{"quantised_activations",
                {"(ai.onnx::QuantizeLinear)", "float model"},
                [](Model& m) {
                    return m.node("QuantizeLinear", {"x", m.number(0.1f)});
                }},
        Refused{"training",
                {"statistics of a batch"},
                [](Model& m) {
                    return m.node("BatchNormalization",
                                  {m.conv("x", 2, 2), m.tensor({2}), m.tensor({2}), m.tensor({2}), m.tensor({2})},
                                  {{"training_mode", 1}});
                }},
        Refused{"mean_over_images", {"images of a batch"}, last("ReduceMean", {{"axes", Sizes{0}}})},
        Refused{"softmax_in_the_middle",
                {"softmax", "at the network's output only"},
                [](Model& m) { return m.node("Relu", {m.node("Softmax", {m.node("Flatten", {m.conv("x", 2, 2)})})}); }},
        Refused{"softmax_of_each_position", {"all values of an image"}, last("Softmax", {{"axis", 1}})},
        Refused{"function_that_layers_do_not_have", {"Erf", "no activation function"}, last("Erf")},
        Refused{"gelu_by_tanh", {"approximated by tanh"}, last("Gelu", {{"approximate", std::string("tanh")}})},
        Refused{"weights_from_the_input",
                {"input 1", "only a constant"},
                [](Model& m) {
                    return m.node("MatMul", {"x", "x"});
                }},
        Refused{
            "reflection",
            {"pads with other values"},
            [](Model& m) {
                return m.node("Pad", {"x", m.integers({0, 0, 1, 1, 0, 0, 1, 1})}, {{"mode", std::string("reflect")}});
            }},
        Refused{"ceil_mode_with_counted_padding",
                {"frameworks disagree"},
                last("AveragePool", {{"kernel_shape", Sizes{3, 3}},
                                     {"strides", Sizes{2, 2}},
                                     {"ceil_mode", 1},
                                     {"count_include_pad", 1}})},
        Refused{"sum_of_different_maps",
                {"combines maps of 2x4x4 and 3x4x4"},
                [](Model& m) {
                    return m.node("Add", {m.conv("x", 2, 2), m.conv("x", 2, 3)});
                }},
        Refused{"mixed_axes",
                {"mixed its channels"},
                [](Model& m) {
                    return m.conv(m.node("Transpose", {m.conv("x", 2, 4)}, {{"perm", Sizes{0, 2, 1, 3}}}), 4, 1);
                }},
        Refused{
            "filters_that_do_not_fit", {"weights for 3 channels", "has 2"}, [](Model& m) { return m.conv("x", 3, 1); }},
        Refused{"window_larger_than_the_map",
                {"larger than its padded input"},
                [](Model& m) { return m.conv("x", 2, 1, 7); }},
        Refused{"huge_stride",
                {"a stride of"},
                [](Model& m) {
                    return m.conv("x", 2, 1, 1, {{"strides", Sizes{1 << 30, 1}}});
                }},
        Refused{"negative_padding",
                {"a padding of -1"},
                [](Model& m) {
                    return m.conv("x", 2, 1, 1, {{"pads", Sizes{-1, 0, 0, 0}}});
                }},
        Refused{"attribute_of_another_type",
                {"attribute `group`", "another type"},
                [](Model& m) {
                    return m.conv("x", 2, 1, 1, {{"group", Sizes{1}}});
                }},
        Refused{"weights_that_are_not_finite",
                {"not finite"},
                [](Model& m) {
                    return m.node("Conv", {"x", m.tensor({1, 2, 1, 1}, {1.0f, INFINITY})});
                }},
        Refused{"subgraphs",
                {"control flow"},
                [](Model& m) {
                    const std::string y = m.node("If", {"x"});
                    auto* attribute = m.graph().mutable_node(0)->add_attribute();
                    attribute->set_name("then_branch");
                    attribute->set_type(onnx::AttributeProto::GRAPH);
                    return y;
                }},
        Refused{"functions",
                {"function of the model"},
                [](Model& m) {
                    m.proto.add_functions()->set_name("Relu");
                    return m.node("Relu", {"x"});
                }},
        Refused{"two_inputs",
                {"has 2 inputs"},
                [](Model& m) {
                    m.add_input("y", {1, 2});
                    return m.node("Relu", {"x"});
                }},
        Refused{"open_axis",
                {"without a size", "--input-shape"},
                [](Model& m) {
                    m.graph().clear_input();
                    m.add_input("x", {1, 3, -1, 4});
                    return m.node("Relu", {"x"});
                }},
        Refused{"empty_axis",
                {"axis of size 0"},
                [](Model& m) {
                    m.graph().clear_input();
                    m.add_input("x", {1, 0});
                    return m.node("Relu", {"x"});
                }},
        Refused{"circle",
                {"circle"},
                [](Model& m) {
                    m.node("Add", {"x", "b"}, {}, {"a"});
                    return m.node("Relu", {"a"}, {}, {"b"});
                }},
        Refused{"value_that_nothing_makes",
                {"`nowhere`, which nothing makes"},
                [](Model& m) { return m.node("Relu", {"nowhere"}); }},
        Refused{"value_made_twice",
                {"`a` is made twice"},
                [](Model& m) {
                    m.node("Relu", {"x"}, {}, {"a"});
                    return m.node("Tanh", {"x"}, {}, {"a"});
                }},
        Refused{"constant_output", {"does not depend on the input"}, [](Model& m) { return m.number(1); }},
        Refused{"tensor_with_too_few_bytes",
                {"has 4 bytes, but its shape needs 4000000"},
                [](Model& m) {
                    m.begin_tensor({1000, 1000}, onnx::TensorProto::FLOAT)->set_raw_data("abcd");
                    return m.node("Relu", {"x"});
                }},
        Refused{"tensor_of_negative_size",
                {"no shape"},
                [](Model& m) {
                    m.begin_tensor({-1, 4}, onnx::TensorProto::FLOAT)->set_raw_data("");
                    return m.node("Relu", {"x"});
                }},
        Refused{"tensor_of_overflowing_size",
                {"no shape"},
                [](Model& m) {
                    m.begin_tensor({std::int64_t{1} << 62, 16}, onnx::TensorProto::FLOAT)->set_raw_data("");
                    return m.node("Relu", {"x"});
                }},
        Refused{"constant_of_enormous_shape",
                {"memory"},
                [](Model& m) {
                    return m.node("ConstantOfShape", {m.integers({1 << 15, 1 << 15})});
                }},
        Refused{"enormous_repetition",
                {"memory"},
                [](Model& m) {
                    return m.node("Expand", {m.tensor({1}), m.integers({1 << 10, 1 << 20})});
                }},
        Refused{"old_operators",
                {"uses version 5"},
                [](Model& m) {
                    m.proto.mutable_opset_import(0)->set_version(5);
                    return m.node("Relu", {"x"});
                }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(OnnxFile, GivenPartsOfAModel_ThenEachIsRefusedOrRead) {
    Model model;
    const std::string whole = model.bytes({model.conv("x", 2, 2)});
    EXPECT_THAT(refusal(whole), IsEmpty());
    EXPECT_THAT(refusal(""), HasSubstr("is empty"));
    EXPECT_THAT(refusal("%PDF-1.4 no model"), HasSubstr("no ONNX model"));
    for (std::size_t length = 1; length < whole.size(); ++length)
        refusal(whole.substr(0, length));
}

TEST(OnnxFile, GivenANameThatMovesTheCursor_ThenTheMessageIsOneLine) {
    Model model;
    const std::string y = model.node("Resize", {"x"});
    model.graph().mutable_node(0)->set_name("a\n\033[2J");
    EXPECT_THAT(refusal(model.bytes({y})), HasSubstr("node `a??[2J` (ai.onnx::Resize)"));
}

TEST(OnnxFile, GivenAThousandNestedFunctionsOfAValue_ThenItEnds) {
    Model model;
    std::string y = model.conv("x", 2, 2);
    for (int i = 0; i < 1000; ++i)
        y = model.node("Add", {model.node("Sigmoid", {y}), model.number(0.5f)});
    EXPECT_THAT(refusal(model.bytes({y})), IsEmpty());
}

TEST(OnnxFile, GivenConstantsInEveryForm_ThenTheyAreRead) {
    const auto with = [](const std::function<void(onnx::AttributeProto&)>& fill) {
        Model model({1, 4});
        const std::string c = model.node("Constant", {});
        fill(*model.graph().mutable_node(0)->add_attribute());
        return test::values_of(
                   model.imported(model.node("Add", {model.node("MatMul", {"x", model.tensor({4, 1})}), c})),
                   "MatMul2.bias")
            .at(0);
    };
    EXPECT_EQ(with([](auto& a) {
                  a.set_name("value_float");
                  a.set_type(onnx::AttributeProto::FLOAT);
                  a.set_f(0.5f);
              }),
              0.5f);
    EXPECT_EQ(with([](auto& a) {
                  a.set_name("value_ints");
                  a.set_type(onnx::AttributeProto::INTS);
                  a.add_ints(7);
              }),
              7.0f);
    const auto tensor = [&](int type, const std::function<void(onnx::TensorProto&)>& fill) {
        return with([&](auto& a) {
            a.set_name("value");
            a.set_type(onnx::AttributeProto::TENSOR);
            a.mutable_t()->set_data_type(type);
            fill(*a.mutable_t());
        });
    };
    EXPECT_EQ(tensor(onnx::TensorProto::FLOAT16, [](auto& t) { t.add_int32_data(0x3e00); }), 1.5f);
    EXPECT_EQ(tensor(onnx::TensorProto::FLOAT16, [](auto& t) { t.set_raw_data(std::string("\0\xc0", 2)); }), -2.0f);
    EXPECT_EQ(tensor(onnx::TensorProto::BFLOAT16, [](auto& t) { t.add_int32_data(0x3fc0); }), 1.5f);
    EXPECT_EQ(tensor(onnx::TensorProto::DOUBLE, [](auto& t) { t.add_double_data(2.5); }), 2.5f);
    EXPECT_EQ(tensor(onnx::TensorProto::INT8, [](auto& t) { t.set_raw_data("\xfd"); }), -3.0f);
    EXPECT_EQ(tensor(onnx::TensorProto::UINT8, [](auto& t) { t.add_int32_data(200); }), 200.0f);
    EXPECT_EQ(tensor(onnx::TensorProto::BOOL, [](auto& t) { t.set_raw_data("\x02"); }), 1.0f);
}

/// A model whose weight lies in another file, in a folder of its own.
class ExternalData : public testing::Test {
protected:
    ExternalData() {
        fs::create_directories(home_);
        const std::vector<float> values = test::counting(6);
        std::ofstream(home_ / "weights.bin", std::ios::binary).write(reinterpret_cast<const char*>(values.data()), 24);
        std::ofstream(outside_, std::ios::binary) << std::string(64, 'x');
    }
    ~ExternalData() override { fs::remove_all(home_.parent_path()); }

    std::string message(const std::string& location, const std::string& offset = "8",
                        const std::string& length = "16") {
        Model model({1, 2});
        auto* tensor = model.begin_tensor({2, 2}, onnx::TensorProto::FLOAT);
        tensor->set_data_location(onnx::TensorProto::EXTERNAL);
        for (const auto& [key, value] :
             {std::pair("location", location), std::pair("offset", offset), std::pair("length", length)}) {
            auto* entry = tensor->add_external_data();
            entry->set_key(key);
            entry->set_value(value);
        }
        const std::string name = tensor->name();
        bytes_ = model.bytes({model.node("MatMul", {"x", name})});
        return refusal(bytes_, home_.string());
    }

    fs::path home_ = fs::path(testing::TempDir()) / ("xloop_import_" + std::to_string(::getpid())) / "home";
    fs::path outside_ = home_.parent_path() / "outside.bin";
    std::string bytes_;
};

TEST_F(ExternalData, GivenAFileBesideTheModel_ThenItsPartIsRead) {
    EXPECT_THAT(message("weights.bin"), IsEmpty());
    EXPECT_THAT(test::values_of(Model::import_bytes(bytes_, home_.string()), "MatMul1.weight"),
                testing::ElementsAre(3, 5, 4, 6));
}

TEST_F(ExternalData, GivenPathsThatLeaveTheFolder_ThenTheyAreRefused) {
    EXPECT_THAT(message("../outside.bin"), HasSubstr("own folder"));
    EXPECT_THAT(message(outside_.string()), HasSubstr("own folder"));
    EXPECT_THAT(message("sub/../../outside.bin"), HasSubstr("own folder"));
    EXPECT_THAT(message(""), HasSubstr("own folder"));
    fs::create_symlink(outside_, home_ / "link.bin");
    EXPECT_THAT(message("link.bin"), HasSubstr("a link that leaves"));
    EXPECT_THAT(message("absent.bin"), HasSubstr("is not there"));
}

TEST_F(ExternalData, GivenPartsThatAreNotThere_ThenTheyAreRefused) {
    EXPECT_THAT(message("weights.bin", "8", "17"), HasSubstr("beyond the end"));
    EXPECT_THAT(message("weights.bin", "25", "0"), HasSubstr("beyond the end"));
    EXPECT_THAT(message("weights.bin", "-1", "16"), HasSubstr("no number of bytes"));
    EXPECT_THAT(message("weights.bin", "0", "18446744073709551615"), HasSubstr("no number of bytes"));
    EXPECT_THAT(message("weights.bin", "0", "8"), HasSubstr("needs 16"));
}

TEST(Operators, GivenTheTable_ThenItIsInOrderAndTheDocumentListsEachRow) {
    std::ifstream in(std::string(XLOOP_SOURCE_DIR) + "/docs/import.md");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::string before;
    for (const importing::Operator& row : importing::all_operators()) {
        EXPECT_LT(before, row.name);
        EXPECT_TRUE(row.fold || row.lower) << row.name;
        EXPECT_THAT(text, HasSubstr("`" + std::string(row.name) + "`"));
        before = row.name;
    }
}

}  // namespace
}  // namespace xloop
