#include "core/config/schema.hpp"
#include "core/config/tree.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace xloop::config {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

enum class Solver { exact, iterative };
constexpr auto names_of(Solver) { return std::array{"exact", "iterative"}; }

struct Crossbar {
    int rows = 128;
    double r_wire_ohm = 2.5;
    Solver solver = Solver::exact;
    std::vector<int> slices = {2, 2};
    std::vector<double> gains = {0.5};
};

struct Adc {
    int bits = 8;
    bool shared = true;
};

struct Sample {
    std::string name;
    std::uint64_t seed = 1;
    std::int64_t limit = -1;
    double noise = 0.1;
    std::string table;
    std::vector<std::string> tags;
    Crossbar crossbar;
    Adc adc;
    Node space;
};

Section describe(Sample& sample) {
    Section root("a sample");
    root.value("name", sample.name, "what this is", "our choice: none");
    root.value("seed", sample.seed, "key of all noise", "our choice: 1");
    root.value("limit", sample.limit, "images, -1: all", "our choice: all");
    root.value("noise", sample.noise, "relative noise", "Doe 2020, table 1").above(0, 1);
    root.value("table", sample.table, "cost table", "our choice: none").file_path();
    root.value("tags", sample.tags, "free words", "our choice: none");
    Section& crossbar = root.section("crossbar", "the analog array");
    crossbar.value("rows", sample.crossbar.rows, "rows", "Doe 2020").range(1, 1024).unit("cells");
    crossbar.value("r_wire_ohm", sample.crossbar.r_wire_ohm, "wire", "Doe 2020").above(0, 1e9).unit("ohm");
    crossbar.value("solver", sample.crossbar.solver, "how", "our choice");
    crossbar.value("slices", sample.crossbar.slices, "weight slices", "our choice").range(1, 8).unit("bits");
    crossbar.value("gains", sample.crossbar.gains, "of the columns", "our choice").above(0, 10);
    Section& adc = root.section("adc", "the converters");
    adc.value("bits", sample.adc.bits, "resolution", "Doe 2020").range(1, 16);
    adc.value("shared", sample.adc.shared, "one per array", "our choice");
    root.raw("space", sample.space, "a search space, read elsewhere");
    return root;
}

Origins read_into(Sample& sample, const Node& root) {
    Section schema = describe(sample);
    return read(root, schema);
}

Sample sample_from(const std::string& yaml) {
    Sample sample;
    read_into(sample, load_text(yaml, "a.yaml"));
    return sample;
}

/// The message of the InputError that `action` throws.
template <class Action>
std::string message_of(Action action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    ADD_FAILURE() << "expected an InputError";
    return {};
}

std::string message_for(const std::string& yaml) {
    return message_of([&] { sample_from(yaml); });
}

/// A folder of its own for each test, removed afterwards.
class ConfigFiles : public testing::Test {
protected:
    void SetUp() override { fs::create_directories(folder_); }
    void TearDown() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& text) const {
        const fs::path path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }

    std::string at(const std::string& name) const { return (folder_ / name).string(); }

    const fs::path folder_ = fs::temp_directory_path() / ("xloop_config_test_" + std::to_string(::getpid()));
};

// Typed values

TEST(ConfigRead, values_of_every_type_reach_their_targets) {
    const Sample sample = sample_from(
        "name: a b\nseed: 18446744073709551615\nlimit: -9223372036854775808\nnoise: 1e-3\ntags: [x, '1']\n"
        "crossbar: {rows: 64, r_wire_ohm: 1e6, solver: iterative, slices: [1, 2, 3]}\nadc: {shared: false}\n");
    EXPECT_EQ(sample.name, "a b");
    EXPECT_EQ(sample.seed, 18446744073709551615u);
    EXPECT_EQ(sample.limit, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(sample.noise, 1e-3);
    EXPECT_THAT(sample.tags, ElementsAre("x", "1"));
    EXPECT_EQ(sample.crossbar.rows, 64);
    EXPECT_EQ(sample.crossbar.r_wire_ohm, 1e6);
    EXPECT_EQ(sample.crossbar.solver, Solver::iterative);
    EXPECT_THAT(sample.crossbar.slices, ElementsAre(1, 2, 3));
    EXPECT_FALSE(sample.adc.shared);
}

TEST(ConfigRead, absent_keys_keep_their_defaults) {
    const Sample sample = sample_from("crossbar:\n  # rows: 64\nadc: {bits: 6}\n");
    EXPECT_EQ(sample.crossbar.rows, 128);
    EXPECT_EQ(sample.adc.bits, 6);
    EXPECT_TRUE(sample.adc.shared);
}

TEST(ConfigRead, a_single_integer_is_a_list_of_one) {
    EXPECT_THAT(sample_from("crossbar: {slices: 4}").crossbar.slices, ElementsAre(4));
    EXPECT_THAT(sample_from("crossbar: {gains: [1e-3, 2]}").crossbar.gains, ElementsAre(0.001, 2));
    EXPECT_TRUE(sample_from("crossbar: {slices: []}").crossbar.slices.empty());
}

TEST(ConfigRead, numbers_may_have_a_plus) {
    EXPECT_EQ(sample_from("crossbar: {rows: +7}").crossbar.rows, 7);
    EXPECT_EQ(sample_from("noise: +.5").noise, 0.5);
}

TEST(ConfigRead, wrong_values_name_file_line_key_expectation_and_finding) {
    struct Case {
        std::string yaml, message;
    };
    const std::string rows = "a.yaml:2:9: crossbar.rows: expected an integer in [1, 1024], got ";
    const std::string wire = "a.yaml:1:24: crossbar.r_wire_ohm: expected a number in (0, 1000000000], got ";
    const std::string shared = "a.yaml:1:15: adc.shared: expected `true` or `false`, got ";
    const std::vector<Case> cases = {
        {"crossbar:\n  rows: 3.5", rows + "`3.5`"},
        {"crossbar:\n  rows: abc", rows + "`abc`"},
        {"crossbar:\n  rows: 1e2", rows + "`1e2`"},
        {"crossbar:\n  rows: 0x10", rows + "`0x10`"},
        {"crossbar:\n  rows: ''", rows + "``"},
        {"crossbar:\n  rows: [1]", rows + "a list"},
        {"crossbar:\n  rows: {a: 1}", rows + "a map"},
        {"crossbar:\n  rows: 0", rows + "`0`"},
        {"crossbar:\n  rows: 1025", rows + "`1025`"},
        {"crossbar:\n  rows: 99999999999", rows + "`99999999999` (beyond 32 bits)"},
        {"crossbar:\n  rows:\n", "a.yaml:2:3: crossbar.rows: expected an integer in [1, 1024], got nothing"},
        {"crossbar: {r_wire_ohm: 0}", wire + "`0`"},
        {"crossbar: {r_wire_ohm: nan}", wire + "`nan`"},
        {"crossbar: {r_wire_ohm: inf}", wire + "`inf`"},
        {"crossbar: {r_wire_ohm: 1e999}", wire + "`1e999` (beyond 64 bits)"},
        {"crossbar: {r_wire_ohm: 2 ohm}", wire + "`2 ohm`"},
        {"noise: 0", "a.yaml:1:8: noise: expected a number in (0, 1], got `0`"},
        {"seed: -1", "a.yaml:1:7: seed: expected an integer in [0, 2^64), got `-1`"},
        {"limit: x", "a.yaml:1:8: limit: expected an integer, got `x`"},
        {"adc: {shared: yes}", shared + "`yes`"},
        {"adc: {shared: True}", shared + "`True`; did you mean `true`?"},
        {"adc: {shared: 1}", shared + "`1`"},
        {"name: [a]", "a.yaml:1:7: name: expected a text, got a list"},
        {"name: ~", "a.yaml:1:1: name: expected a text, got nothing"},
        {"crossbar: {solver: exat}",
         "a.yaml:1:20: crossbar.solver: expected one of `exact`, `iterative`, got `exat`; "
         "did you mean `exact`?"},
        {"crossbar: {slices: [1, 2, 9]}", "a.yaml:1:27: crossbar.slices[2]: expected an integer in [1, 8], got `9`"},
        {"crossbar: {gains: [1, 0]}", "a.yaml:1:23: crossbar.gains[1]: expected a number in (0, 10], got `0`"},
        {"crossbar: {slices: {a: 1}}",
         "a.yaml:1:20: crossbar.slices: expected a list of integers, each an integer in [1, 8], got a map"},
        {"crossbar: 5", "a.yaml:1:11: crossbar: expected a section (a map of keys), got `5`"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(message_for(c.yaml), c.message) << c.yaml;
}

TEST(ConfigRead, wrong_values_leave_the_target_alone) {
    Sample sample;
    EXPECT_THROW(read_into(sample, load_text("crossbar: {slices: [1, 99]}", "a.yaml")), InputError);
    EXPECT_THAT(sample.crossbar.slices, ElementsAre(2, 2));
}

TEST(ConfigRead, all_problems_come_in_one_error_one_line_each) {
    const std::string message = message_for("crossbar:\n  rws: 3\n  rows: 0\nadc: {bits: 17}\n");
    EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 2) << message;
    EXPECT_THAT(message, AllOf(HasSubstr("a.yaml:2:3: crossbar.rws:"), HasSubstr("a.yaml:3:9: crossbar.rows:"),
                               HasSubstr("a.yaml:4:13: adc.bits:")));
}

TEST(ConfigRead, text_from_the_user_stays_on_its_line) {
    EXPECT_EQ(message_for("adc: {bits: \"1\\n2\"}"),
              "a.yaml:1:13: adc.bits: expected an integer in [1, 16], got `1 2`");
    EXPECT_LT(message_for("adc: {bits: " + std::string(5000, 'x') + "}").size(), 400u);
}

TEST(ConfigRead, very_many_problems_are_cut_short) {
    std::string yaml;
    for (int i = 0; i < 60; ++i)
        yaml += "zzzzzz" + std::to_string(i) + ": 1\n";
    EXPECT_THAT(message_for(yaml), HasSubstr("... and 10 more problems"));
}

// Unknown and missing keys

TEST(ConfigRead, an_unknown_key_brings_the_nearest_one) {
    EXPECT_EQ(message_for("crossbar:\n  rws: 3"), "a.yaml:2:3: crossbar.rws: unknown key; did you mean `rows`?");
    EXPECT_EQ(message_for("crosbar:\n  rows: 3"), "a.yaml:1:1: crosbar: unknown key; did you mean `crossbar`?");
}

TEST(ConfigRead, a_key_in_the_wrong_section_brings_its_right_place) {
    EXPECT_EQ(message_for("crossbar: {bits: 3}"),
              "a.yaml:1:12: crossbar.bits: unknown key; the key exists as `adc.bits`");
    EXPECT_EQ(message_for("adc: {seed: 3}"), "a.yaml:1:7: adc.seed: unknown key; the key exists as `seed`");
}

TEST(ConfigRead, an_unknown_key_without_neighbours_brings_all_keys) {
    EXPECT_EQ(message_for("adc: {voltage: 1}"),
              "a.yaml:1:7: adc.voltage: unknown key; expected one of `bits`, `shared`");
}

TEST(ConfigRead, a_missing_required_key_names_the_section_that_lacks_it) {
    int rows = 0;
    Section root;
    root.section("tile", "a tile").value("rows", rows, "rows of the tile").range(1, 8).required();
    const auto message = [&](const std::string& yaml) {
        return message_of([&] { read(load_text(yaml, "a.yaml"), root); });
    };
    const std::string missing =
        "tile.rows: missing; this key is required, expected an integer in [1, 8] (rows of the tile)";
    EXPECT_EQ(message("sources: {}\ntile: {}"), "a.yaml:2:1: " + missing);
    EXPECT_EQ(message("{}"), "a.yaml:1:1: " + missing);
    EXPECT_EQ(message_of([&] { read(Node(), root); }), missing);
    read(load_text("tile: {rows: 8}", "a.yaml"), root);
    EXPECT_EQ(rows, 8);
}

TEST(NearMiss, finds_typing_errors_and_nothing_far_fetched) {
    const std::vector<std::string> keys = {"rows", "columns", "adc_bits", "x"};
    EXPECT_EQ(near_miss("rwos", keys), "rows");
    EXPECT_EQ(near_miss("ROWS", keys), "rows");
    EXPECT_EQ(near_miss("colums", keys), "columns");
    EXPECT_EQ(near_miss("adc-bits", keys), "adc_bits");
    EXPECT_EQ(near_miss("voltage", keys), "");
    EXPECT_EQ(near_miss("y", keys), "");
    EXPECT_EQ(near_miss("", keys), "");
    EXPECT_EQ(near_miss(std::string(1000, 'r'), keys), "");
    EXPECT_EQ(near_miss("rows", {}), "");
}

// Raw keys and file paths

TEST(ConfigRead, a_raw_key_is_handed_over_with_its_location) {
    const Sample sample = sample_from("name: x\nspace:\n  depth: [1, 2]\n");
    ASSERT_NE(sample.space.find("depth"), nullptr);
    EXPECT_EQ(sample.space.find("depth")->items[1].second.text, "2");
    EXPECT_EQ(sample.space.find("depth")->location.str(), "a.yaml:3:10");
    EXPECT_EQ(sample_from("{}").space.kind, Node::Kind::null);
}

TEST_F(ConfigFiles, a_file_path_is_relative_to_the_file_that_wrote_it) {
    write("hw/base.yaml", "table: ../tech/cost.yaml\n");
    Sample sample;
    read_into(sample, load_file(write("run.yaml", "base: [hw/base.yaml]\n")));
    EXPECT_EQ(sample.table, at("tech/cost.yaml"));
}

TEST_F(ConfigFiles, absolute_and_empty_file_paths_stay) {
    const std::string file = write("hw/a.yaml", "table: /tech/./cost.yaml\n");
    Node root = load_file(file);
    Sample sample;
    read_into(sample, root);
    EXPECT_EQ(sample.table, "/tech/cost.yaml");
    apply_override(root, "table=");
    read_into(sample, root);
    EXPECT_EQ(sample.table, "");
}

TEST(ConfigRead, a_file_path_on_the_command_line_is_relative_to_the_working_directory) {
    Node root;
    apply_override(root, "table=tech/../cost.yaml");
    Sample sample;
    read_into(sample, root);
    EXPECT_EQ(sample.table, (fs::current_path() / "cost.yaml").string());
}

// Composition

TEST_F(ConfigFiles, bases_come_first_and_the_naming_file_wins) {
    write("lib/first.yaml", "name: first\ncrossbar: {rows: 1, slices: [1, 1]}\nadc: {bits: 1}\n");
    write("lib/second.yaml", "name: second\ncrossbar: {rows: 2, r_wire_ohm: 2}\n");
    const std::string top =
        write("top.yaml", "base:\n  - lib/first.yaml\n  - " + at("lib/second.yaml") + "\ncrossbar: {slices: [3]}\n");
    Sample sample;
    const Origins origins = read_into(sample, load_file(top));
    EXPECT_EQ(sample.name, "second");
    EXPECT_EQ(sample.crossbar.rows, 2);
    EXPECT_EQ(sample.crossbar.r_wire_ohm, 2.0);
    EXPECT_THAT(sample.crossbar.slices, ElementsAre(3));
    EXPECT_EQ(sample.adc.bits, 1);
    EXPECT_EQ(origins.at("crossbar.rows").location.str(), at("lib/second.yaml") + ":2:18");
    EXPECT_EQ(origins.at("crossbar.slices").location.str(), top + ":4:20");
    EXPECT_EQ(origins.at("adc.shared").location.file, "");
}

TEST_F(ConfigFiles, bases_have_bases_relative_to_themselves) {
    write("a/deep/c.yaml", "adc: {bits: 3}\n");
    write("a/b.yaml", "base: deep/c.yaml\n");
    Sample sample;
    read_into(sample, load_file(write("top.yaml", "base: [a/b.yaml]")));
    EXPECT_EQ(sample.adc.bits, 3);
}

TEST_F(ConfigFiles, an_empty_section_changes_nothing) {
    write("b.yaml", "adc: {bits: 3}\n");
    Sample sample;
    read_into(sample, load_file(write("top.yaml", "base: [b.yaml]\nadc:\n")));
    EXPECT_EQ(sample.adc.bits, 3);
}

TEST_F(ConfigFiles, the_same_base_twice_is_no_circle) {
    write("c.yaml", "adc: {bits: 3}\n");
    write("a.yaml", "base: [c.yaml]\n");
    write("b.yaml", "base: [c.yaml]\n");
    EXPECT_NO_THROW(load_file(write("top.yaml", "base: [a.yaml, b.yaml]\n")));
}

TEST_F(ConfigFiles, a_circle_of_bases_is_an_error) {
    write("b.yaml", "base: [a.yaml]\n");
    const std::string file = write("a.yaml", "base: [b.yaml]\n");
    EXPECT_THAT(message_of([&] { load_file(file); }),
                AllOf(StartsWith(at("b.yaml") + ":1:8: base: "), HasSubstr("a.yaml -> b.yaml -> " + file)));
    const std::string self = write("self.yaml", "base: ./self.yaml\n");
    EXPECT_THAT(message_of([&] { load_file(self); }), HasSubstr("includes itself"));
}

TEST_F(ConfigFiles, bases_that_multiply_are_stopped) {
    write("f0.yaml", "name: x\n");
    for (int i = 1; i <= 30; ++i) {
        const std::string below = "f" + std::to_string(i - 1) + ".yaml";
        write("f" + std::to_string(i) + ".yaml", "base: [" + below + ", " + below + "]\n");
    }
    EXPECT_THAT(message_of([&] { load_file(at("f30.yaml")); }), HasSubstr("at most 100000 values"));
}

TEST_F(ConfigFiles, an_unreadable_file_brings_path_reason_and_advice) {
    EXPECT_THAT(message_of([&] { load_file(at("none.yaml")); }),
                AllOf(StartsWith("cannot read " + at("none.yaml") + ": No such file"), HasSubstr("check the path")));
    EXPECT_THAT(message_of([&] { load_file(folder_.string()); }), HasSubstr("it is a folder"));
    const std::string top = write("top.yaml", "base:\n  - none.yaml\n");
    EXPECT_THAT(message_of([&] { load_file(top); }),
                AllOf(StartsWith(top + ":2:5: base: cannot read " + at("none.yaml")), HasSubstr("names it")));
}

TEST_F(ConfigFiles, a_base_that_is_no_file_name_is_an_error) {
    EXPECT_THAT(message_of([&] { load_file(write("a.yaml", "base: {a: b}")); }),
                HasSubstr("a.yaml:1:7: base: expected a list of files, got a map"));
    EXPECT_THAT(message_of([&] { load_file(write("a.yaml", "base: [[b]]")); }),
                HasSubstr("a.yaml:1:8: base: expected the name of a file"));
    EXPECT_THAT(message_of([&] { load_text("base: [b.yaml]", "text"); }), StartsWith("text:1:1: base: "));
}

TEST_F(ConfigFiles, an_empty_file_and_one_that_is_no_map_are_errors) {
    const std::string file = write("a.yaml", "# nothing yet\n");
    EXPECT_THAT(message_of([&] { load_file(file); }), StartsWith(file + ": the file is empty; expected a map"));
    EXPECT_THAT(message_of([] { load_text("", "a.yaml"); }), HasSubstr("is empty"));
    EXPECT_THAT(message_of([] { load_text("---\n", "a.yaml"); }), HasSubstr("is empty"));
    EXPECT_EQ(message_of([] { load_text("\n- 1", "a.yaml"); }),
              "a.yaml:2:1: expected a map of configuration keys at the top, got a list");
    EXPECT_THAT(message_of([] { load_text("abc", "a.yaml"); }), HasSubstr("got a single value"));
}

// Overrides

TEST(ConfigOverride, replaces_one_value_and_keeps_the_others) {
    Node root = load_text("crossbar: {rows: 1, r_wire_ohm: 3}\n", "a.yaml");
    apply_override(root, "crossbar.rows=2");
    apply_override(root, "crossbar.slices=[1, 2]");
    apply_override(root, "adc={bits: 4}");
    apply_override(root, "crossbar.rows=5");
    Sample sample;
    const Origins origins = read_into(sample, root);
    EXPECT_EQ(sample.crossbar.rows, 5);
    EXPECT_EQ(sample.crossbar.r_wire_ohm, 3.0);
    EXPECT_THAT(sample.crossbar.slices, ElementsAre(1, 2));
    EXPECT_EQ(sample.adc.bits, 4);
    EXPECT_EQ(origins.at("crossbar.rows").location.str(), "command line");
    EXPECT_EQ(origins.at("crossbar.r_wire_ohm").location.str(), "a.yaml:1:33");
}

TEST(ConfigOverride, a_text_is_taken_as_it_is) {
    for (const char* text : {"Run #1/w", "a: b", "two\nlines", "- a", "[x", "[x]/w", "{a: 1}", "~", "null", "&a b",
                             "*a", "'q'x", "", " b ", "%", "!t x"}) {
        Node root;
        apply_override(root, std::string("name=") + text);
        Sample sample;
        read_into(sample, root);
        EXPECT_EQ(sample.name, text);
    }
    Node root;
    apply_override(root, "name='in quotes #1'");
    Sample sample;
    read_into(sample, root);
    EXPECT_EQ(sample.name, "in quotes #1");
}

TEST(ConfigOverride, the_value_may_hold_equals_signs_and_yaml_types) {
    Node root;
    apply_override(root, "name=a=b");
    apply_override(root, "tags=[x]");
    Sample sample;
    read_into(sample, root);
    EXPECT_EQ(sample.name, "a=b");
    EXPECT_THAT(sample.tags, ElementsAre("x"));
}

TEST(ConfigOverride, errors_name_the_command_line_and_the_key) {
    const auto message = [](const std::string& assignment) {
        return message_of([&] {
            Node root = load_text("crossbar: {rows: 1}\n", "a.yaml");
            apply_override(root, assignment);
            Sample sample;
            read_into(sample, root);
        });
    };
    EXPECT_EQ(message("crossbar.rows=0"), "command line: crossbar.rows: expected an integer in [1, 1024], got `0`");
    EXPECT_EQ(message("crossbar.rws=1"), "command line: crossbar.rws: unknown key; did you mean `rows`?");
    EXPECT_EQ(message("crossbar.rows.x=1"),
              "command line: crossbar.rows.x: `rows` (a.yaml:1:18) is a value, not a "
              "section; remove what follows `rows`");
    EXPECT_EQ(message("crossbar.slices=[1"), "command line: crossbar.slices: expected an integer in [1, 8], got `[1`");
    EXPECT_THAT(message("name=a\xff"), StartsWith("command line, name:1:2: expected UTF-8 text"));
    EXPECT_THAT(message("base=x.yaml"), StartsWith("command line: base: expected only in a file"));
    for (const char* bad : {"crossbar.rows", "=1", "", ".rows=1", "crossbar.=1", "a..b=1"})
        EXPECT_THAT(message(bad), StartsWith("command line: expected key=value, such as ")) << bad;
}

TEST(ConfigOverride, a_section_keeps_its_place_for_messages) {
    int rows = 0, columns = 0;
    Section root;
    Section& tile = root.section("tile", "a tile");
    tile.value("rows", rows, "rows").required();
    tile.value("columns", columns, "columns").required();
    Node node = load_text("sources: {}\ntile: {rows: 1}\n", "a.yaml");
    apply_override(node, "tile.rows=2");
    EXPECT_THAT(message_of([&] { read(node, root); }), StartsWith("a.yaml:2:1: tile.columns: missing"));
}

// Origins and sources

TEST(ConfigOrigins, sources_come_from_the_files_or_from_the_field) {
    Sample sample;
    const Origins origins = read_into(sample, load_text("crossbar: {rows: 64}\nadc: {bits: 4}\n"
                                                        "sources: {crossbar.rows: 'Roe 2021, fig. 3'}\n",
                                                        "a.yaml"));
    EXPECT_EQ(origins.at("crossbar.rows").source, "Roe 2021, fig. 3");
    EXPECT_EQ(origins.at("adc.bits").source, "");
    EXPECT_EQ(origins.at("noise").source, "Doe 2020, table 1");
    EXPECT_EQ(origins.at("noise").location.file, "");
}

TEST_F(ConfigFiles, the_source_of_a_value_goes_with_the_value_that_is_replaced) {
    write("b.yaml", "crossbar: {rows: 64}\nadc: {bits: 4}\nsources: {crossbar.rows: Roe, adc.bits: Roe}\n");
    Node root = load_file(write("top.yaml", "base: [b.yaml]\ncrossbar: {rows: 32}\n"));
    Sample sample;
    Origins origins = read_into(sample, root);
    EXPECT_EQ(origins.at("crossbar.rows").source, "");
    EXPECT_EQ(origins.at("adc.bits").source, "Roe");

    apply_override(root, "adc.bits=5");
    apply_override(root, "sources.crossbar.rows=Poe");
    origins = read_into(sample, root);
    EXPECT_EQ(origins.at("adc.bits").source, "");
    EXPECT_EQ(origins.at("crossbar.rows").source, "Poe");
}

TEST(ConfigOrigins, sources_of_unknown_keys_are_errors) {
    EXPECT_EQ(message_for("sources:\n  crossbar.rws: Roe\n"),
              "a.yaml:2:3: sources.crossbar.rws: expected the path of a key, such as `crossbar.rows`; "
              "did you mean `crossbar.rows`?");
    EXPECT_THAT(message_for("sources: {crossbar: Roe}"), HasSubstr("sources.crossbar: expected the path of a key"));
    EXPECT_THAT(message_for("sources: {noise: [Roe]}"), HasSubstr("got a list"));
    EXPECT_THAT(message_for("sources: Roe"), HasSubstr("a.yaml:1:10: sources: expected a map"));
}

TEST(ConfigOrigins, a_failed_check_names_the_place_of_the_value) {
    Sample sample;
    const Origins origins = read_into(sample, load_text("crossbar:\n  rows: 3\n", "a.yaml"));
    EXPECT_EQ(message_of([&] { fail_check(origins, "crossbar.rows", "a multiple of 4, got 3"); }),
              "a.yaml:2:9: crossbar.rows: expected a multiple of 4, got 3");
    EXPECT_THAT(message_of([&] { fail_check(origins, "adc.bits", "more than 9, got 8"); }),
                AllOf(StartsWith("adc.bits: expected more than 9, got 8"), HasSubstr("default")));
}

// Dump

std::string dumped(Sample& sample, const Origins& origins = {}, bool provenance = false) {
    return dump(describe(sample), origins, provenance);
}

TEST(ConfigDump, what_is_dumped_reads_back_the_same) {
    Sample sample = sample_from(
        "name: 'say \"x\": #1\\n'\nseed: 18446744073709551615\nnoise: 0.30000000000000004\ntable: /t/a b.yaml\n"
        "tags: ['1', 'true', '', ' x', 'null', '~', '- a', plain, 'é', \"\\x01\\n\\t\\\\\", '{a: b}', '&a', '%']\n"
        "crossbar: {r_wire_ohm: 1e-300, solver: iterative, slices: []}\n"
        "space: {a: [1, [2, x: y]], b: {c: ~, d: 'null'}, 'k: y': [], e: {}, f: [{g: 0.1}, 'a, b'], h: '12:30'}\n");
    const std::string text = dumped(sample);
    Sample again;
    read_into(again, load_text(text, "dump.yaml"));
    EXPECT_EQ(dumped(again), text);
    EXPECT_EQ(again.name, sample.name);
    EXPECT_EQ(again.seed, sample.seed);
    EXPECT_EQ(again.noise, sample.noise);
    EXPECT_EQ(again.table, sample.table);
    EXPECT_EQ(again.crossbar.solver, Solver::iterative);
    EXPECT_EQ(again.tags, sample.tags);
    EXPECT_EQ(again.crossbar.r_wire_ohm, sample.crossbar.r_wire_ohm);
    EXPECT_EQ(again.space.find("b")->find("c")->kind, Node::Kind::null);
    EXPECT_EQ(again.space.find("b")->find("d")->text, "null");
    EXPECT_EQ(again.space.find("f")->items[1].second.text, "a, b");
}

TEST(ConfigDump, provenance_is_comments_only) {
    Sample sample;
    const Origins origins = read_into(sample, load_text("crossbar: {rows: 64}\nspace: {a: [1, {b: 2}]}\n"
                                                        "sources: {crossbar.rows: \"Roe\\n2021\"}\n",
                                                        "a.yaml"));
    const std::string text = dumped(sample, origins, true);
    EXPECT_THAT(text, AllOf(HasSubstr("  rows: 64  # cells; a.yaml:1:18; Roe 2021\n"),
                            HasSubstr("noise: 0.1  # default; Doe 2020, table 1\n"),
                            HasSubstr("crossbar:  # the analog array\n")));
    Sample again;
    read_into(again, load_text(text, "dump.yaml"));
    EXPECT_EQ(dumped(again), dumped(sample));
}

TEST(ConfigDump, floats_are_short_and_texts_quoted_when_necessary) {
    Sample sample;
    sample.noise = 0.1;
    sample.crossbar.r_wire_ohm = 100;
    sample.name = "5";
    sample.table = "some/table.yaml";
    EXPECT_THAT(dumped(sample),
                AllOf(HasSubstr("noise: 0.1\n"), HasSubstr("r_wire_ohm: 100\n"), HasSubstr("name: \"5\"\n"),
                      HasSubstr("solver: exact\n"), HasSubstr((fs::current_path() / "some/table.yaml").string())));
}

TEST(ConfigDump, a_schema_without_keys_is_an_empty_map) {
    EXPECT_EQ(dump(Section(), {}, false), "{}\n");
    EXPECT_NO_THROW(load_text("{}\n", "a.yaml"));
}

// Keys without effect

struct Filter {
    Solver solver = Solver::exact;
    bool limited = false;
    int steps = 10, limit = 5;
    double drift = 0, time_s = 1;
};

Section describe(Filter& filter) {
    Section root("a filter");
    root.value("solver", filter.solver, "how", "our choice");
    root.value("steps", filter.steps, "of the solver", "our choice").only_with("solver", Solver::iterative);
    root.value("limited", filter.limited, "whether", "our choice");
    root.value("limit", filter.limit, "how far", "our choice").only_with("limited", true);
    root.value("drift", filter.drift, "exponent", "our choice").only_beside({"time_s"});
    root.value("time_s", filter.time_s, "until read", "our choice").only_beside({"drift"});
    return root;
}

Origins filter_from(Filter& filter, const Node& root) {
    Section schema = describe(filter);
    return read(root, schema);
}

std::string filter_message(const std::string& yaml) {
    return message_of([&] {
        Filter filter;
        filter_from(filter, load_text(yaml, "f.yaml"));
    });
}

TEST(ConfigEffect, GivenAKeyWithoutEffect_ThenTheErrorSaysWhereWhyAndWhatToDo) {
    EXPECT_EQ(filter_message("steps: 3"),
              "f.yaml:1:8: steps: has no effect with solver: exact (the default); remove it, or set solver: iterative");
    EXPECT_EQ(filter_message("steps: 3\nsolver: exact"),
              "f.yaml:1:8: steps: has no effect with solver: exact (f.yaml:2:9); remove it, or set solver: iterative");
    EXPECT_THAT(
        filter_message("limit: 3\ntime_s: 2"),
        AllOf(HasSubstr("limit: has no effect with limited: false (the default); remove it, or set limited: true"),
              HasSubstr("time_s: has no effect by itself; remove it, or set drift as well")));
}

TEST(ConfigEffect, GivenKeysWithEffect_ThenTheyAreRead) {
    Filter filter;
    filter_from(filter,
                load_text("{solver: iterative, steps: 3, limited: true, limit: 4, drift: 0, time_s: 2}", "f.yaml"));
    EXPECT_EQ(filter.steps, 3);
    EXPECT_EQ(filter.limit, 4);
    EXPECT_EQ(filter.time_s, 2) << "a drift of 0 is set: a point of a sweep";
}

TEST_F(ConfigFiles, GivenAnEffectThatAHigherLayerTakesAway_ThenTheKeyBelowIsNoError) {
    write("base.yaml", "{solver: iterative, steps: 3}");
    const std::string top = write("top.yaml", "{base: base.yaml, solver: exact}");
    Filter filter;
    EXPECT_NO_THROW(filter_from(filter, load_file(top)));

    Node swept = load_file(at("base.yaml"));
    apply_override(swept, "solver=exact");
    EXPECT_NO_THROW(filter_from(filter, swept));

    apply_override(swept, "steps=4");
    EXPECT_THAT(message_of([&] { filter_from(filter, swept); }),
                StartsWith("command line: steps: has no effect with solver: exact (command line)"));
}

TEST_F(ConfigFiles, GivenAKeyAboveTheValueThatTakesItsEffect_ThenItIsAnError) {
    write("base.yaml", "solver: exact");
    const std::string top = write("top.yaml", "{base: base.yaml, steps: 3}");
    Filter filter;
    EXPECT_THAT(message_of([&] { filter_from(filter, load_file(top)); }),
                StartsWith(top + ":1:26: steps: has no effect"));
}

TEST(ConfigEffect, GivenADump_ThenKeysWithoutEffectAreCommentsAndItReadsBack) {
    Filter filter;
    Section schema = describe(filter);
    EXPECT_EQ(dump(schema, {}, false), "solver: exact\nlimited: false\ndrift: 0\ntime_s: 1\n");
    EXPECT_THAT(dump(schema, {}, true), HasSubstr("# steps: 10  # only with solver: iterative\n"));
    EXPECT_NO_THROW(filter_from(filter, load_text(dump(schema, {}, true), "dump.yaml")));
}

TEST(ConfigEffect, GivenADescription_ThenItSaysWhatAKeyNeeds) {
    Filter filter;
    EXPECT_THAT(describe_text(describe(filter)), HasSubstr("of the solver; only with solver: iterative [our choice]"));
    EXPECT_EQ(nlohmann::json::parse(describe_json(describe(filter)))[1].at("only_with"),
              nlohmann::json({"solver: iterative"}));
}

TEST(ConfigEffect, GivenAConditionOnAKeyThatIsNone_ThenTheSchemaIsRefused) {
    Filter filter;
    Section schema;
    schema.value("steps", filter.steps, "of the solver").only_with("solvre", Solver::exact);
    EXPECT_THROW(read(load_text("steps: 3", "f.yaml"), schema), std::logic_error);
}

// Descriptions

TEST(ConfigDescribe, the_table_groups_keys_by_section) {
    Sample sample;
    const std::string text = describe_text(describe(sample));
    EXPECT_THAT(text,
                AllOf(StartsWith("a sample\n"), HasSubstr("\ncrossbar: the analog array\n"), HasSubstr("[1, 1024]"),
                      HasSubstr("exact | iterative"), HasSubstr("(0, 1]"), HasSubstr("rows [Doe 2020]\n")));
}

TEST(ConfigDescribe, columns_are_aligned) {
    int rows = 1, columns = 2;
    Section root;
    root.value("rows", rows, "first", "us").unit("µm");
    root.value("columns", columns, "second", "us").unit("m");
    EXPECT_EQ(describe_text(root),
              "  key      type     default  allowed  unit  meaning [source of the default]\n"
              "  rows     integer  1                 µm    first [us]\n"
              "  columns  integer  2                 m     second [us]\n\n");
}

TEST(ConfigDescribe, json_has_every_key_with_its_facts) {
    Sample sample;
    const auto list = nlohmann::json::parse(describe_json(describe(sample)));
    ASSERT_EQ(list.size(), 14u);
    const auto find = [&](const std::string& key) {
        for (const auto& item : list)
            if (item.at("key") == key)
                return item;
        return nlohmann::json();
    };
    const auto rows = find("crossbar.rows");
    EXPECT_EQ(rows.at("type"), "integer");
    EXPECT_EQ(rows.at("unit"), "cells");
    EXPECT_EQ(rows.at("default"), 128);
    EXPECT_EQ(rows.at("minimum").dump(), "1");
    EXPECT_EQ(rows.at("maximum").dump(), "1024");
    EXPECT_EQ(rows.at("doc"), "rows");
    EXPECT_EQ(rows.at("source"), "Doe 2020");
    EXPECT_TRUE(find("limit").at("minimum").is_null());
    EXPECT_TRUE(find("noise").at("minimum_excluded").get<bool>());
    EXPECT_EQ(find("crossbar.solver").at("choices"), nlohmann::json({"exact", "iterative"}));
    EXPECT_EQ(find("crossbar.solver").at("default"), "exact");
    EXPECT_EQ(find("crossbar.slices").at("default"), nlohmann::json({2, 2}));
    EXPECT_EQ(find("crossbar.gains").at("type"), "list of numbers");
    EXPECT_EQ(find("crossbar.gains").at("default"), nlohmann::json({0.5}));
    EXPECT_EQ(find("space").at("type"), "any");
}

TEST(ConfigDescribe, undocumented_keys_and_impossible_defaults_are_refused) {
    int value = 5;
    Node node;
    const auto refused = [](Section schema) {
        EXPECT_THROW(describe_text(schema), std::logic_error);
        EXPECT_THROW(describe_json(schema), std::logic_error);
    };
    Section no_doc, no_source, no_section_doc, no_raw_doc, bad_default, good;
    no_doc.value("a", value, "", "us");
    no_source.value("a", value, "x");
    no_section_doc.section("s", "");
    no_raw_doc.raw("a", node, "");
    bad_default.value("a", value, "x", "us").range(6, 7);
    refused(std::move(no_doc));
    refused(std::move(no_source));
    refused(std::move(no_section_doc));
    refused(std::move(no_raw_doc));
    refused(std::move(bad_default));
    good.value("a", value, "x").range(6, 7).required();
    EXPECT_NO_THROW(describe_text(good));
    EXPECT_THAT(describe_json(good), HasSubstr("\"default\": null"));
}

TEST(ConfigDescribe, a_key_can_be_declared_once_only) {
    int value = 0;
    Section root;
    root.value("a", value, "x");
    EXPECT_THROW(root.section("a", "again"), std::logic_error);
    EXPECT_THROW(root.value("a.b", value, "x"), std::logic_error);
    Section reserved;
    reserved.value("sources", value, "x");
    EXPECT_THROW(read(Node(), reserved), std::logic_error);
}

// Malformed YAML

TEST(ConfigParse, a_duplicate_key_names_both_places) {
    EXPECT_EQ(message_for("crossbar:\n  rows: 1\n  rows: 2\n"),
              "a.yaml:3:3: crossbar.rows: duplicate key, first written in line 2; remove one of the two");
}

TEST(ConfigParse, a_syntax_error_names_place_key_and_reason) {
    EXPECT_THAT(message_for("crossbar:\n  solver: \"\\q\"\n"),
                AllOf(StartsWith("a.yaml:2:14: cannot parse YAML: unknown escape character: q (in `crossbar.solver`)"),
                      HasSubstr("check quotes")));
}

TEST(ConfigParse, what_is_left_open_is_reported_where_it_begins) {
    EXPECT_THAT(message_for("name: x\nadc:\n  bits: [1, 2\n\n"), StartsWith("a.yaml:3:9: cannot parse YAML: "));
    EXPECT_THAT(message_for("name: x\nadc: {bits: 1\n\n"), StartsWith("a.yaml:2:6: cannot parse YAML: "));
    EXPECT_THAT(message_for("adc: {}\nname: 'x\n"),
                AllOf(StartsWith("a.yaml:2:1: cannot parse YAML: "), HasSubstr("(in `name`)")));
}

TEST(ConfigParse, aliases_stand_for_their_values) {
    const Sample sample = sample_from("crossbar: {slices: &s [1, 2]}\nspace: {same: *s}\n");
    EXPECT_EQ(sample.space.find("same")->items.size(), 2u);
}

TEST(ConfigParse, nesting_has_a_limit) {
    const auto nested = [](int levels) { return "space: " + std::string(levels, '[') + std::string(levels, ']'); };
    EXPECT_NO_THROW(load_text(nested(63), "a.yaml"));
    EXPECT_THAT(message_for(nested(64)), HasSubstr("at most 64 levels of nesting"));
}

std::string alias_bomb() {
    std::string yaml = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string below = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
        for (int j = 0; j < 9; ++j)
            yaml += ", " + below;
        yaml += "]\n";
    }
    return yaml;
}

std::string anchor_tower() {
    std::string yaml = "a: ";
    for (int i = 0; i < 60; ++i)
        yaml += "&a" + std::to_string(i) + " [";
    for (int i = 0; i < 90000; ++i)
        yaml += "1,";
    return yaml + std::string(60, ']');
}

TEST(ConfigParse, malformed_text_is_an_input_error_and_nothing_worse) {
    const std::vector<std::string> cases = {
        "",
        " ",
        "\n\n",
        "~",
        "null",
        "42",
        "- 1\n- 2",
        "a",
        "a: 1\na: 2",
        "a: {b: 1, b: 2}",
        "? [a]\n: b",
        "? {a: 1}\n: b",
        ": x",
        "a: [1, 2",
        "a: {b: 1",
        "a: [}",
        "a: ]",
        "a: {]",
        "]",
        "}",
        "a: ,",
        "a: b: c",
        "a: \"x",
        "a: 'x",
        "a: 'x\n",
        "a: \"x\n",
        "a: \"\\q\"",
        "a: \"\\xZZ\"",
        "a: \"\\UFFFFFFFF\"",
        "a:\n\tb: 1",
        "a:\n  b: 1\n\tc: 2",
        "\ta: 1",
        "a: 1\n b: 2",
        "a: 1\n---\nb: 2",
        "- a\nb: c",
        "%YAML 9\n---\na: 1",
        "%YAML x\n---\na: 1",
        "%TAG\n---\na: 1",
        "@a: 1",
        "a: `b`",
        "a: !<tag 1",
        "a: *unknown",
        "a: &x [*x]",
        "a: &x {b: *x}",
        "a: & 1",
        "a: * 1",
        "a: |x\n  text",
        "a: >99\n  text",
        std::string("a: \0b", 5),
        std::string("\0\0\0\0", 4),
        "a: \x04 1",
        "a: \x01",
        "a: \xff\xfe",
        "a: \xc3",
        "a: \xc0\x80",
        "a: \xed\xa0\x80",
        "a: \xf5\x80\x80\x80",
        "\xff\xfe\x61\x00:",
        "\x7f"
        "ELF\x02\x01\x01",
        "\x89PNG\r\n\x1a\n",
        std::string(200000, '['),
        std::string(200000, '{'),
        "a: " + std::string(5000, '['),
        std::string(3000, '-'),
        [] {
            std::string text;
            for (int i = 0; i < 2000; ++i)
                text += "- ";
            return text;
        }(),
        [] {
            std::string text;
            for (int i = 0; i < 2000; ++i)
                text += "? ";
            return text;
        }(),
        alias_bomb(),
        anchor_tower(),
    };
    for (const std::string& text : cases) {
        EXPECT_THROW(load_text(text, "a.yaml"), InputError) << text.substr(0, 80);
    }
}

TEST(ConfigParse, huge_integers_are_input_errors) {
    for (const char* key : {"seed", "limit", "adc: {bits", "noise"}) {
        const std::string yaml = key + (": " + std::string(10000, '9')) + (key[0] == 'a' ? "}" : "");
        EXPECT_THAT(message_for(yaml), HasSubstr("(beyond ")) << key;
    }
}

TEST(ConfigParse, every_beginning_of_a_valid_text_is_valid_or_an_input_error) {
    const std::string yaml =
        "name: &n \"a\\n\"\ncrossbar:\n  slices: [1, 2]\n  solver: 'exact'\n"
        "space: {x: [*n, {y: |\n   z}]}\nadc: {bits: 4}\n# end\n";
    for (std::size_t length = 0; length <= yaml.size(); ++length) {
        try {
            sample_from(yaml.substr(0, length));
        } catch (const InputError&) {
        }
    }
}

// Named sections

struct Variant {
    std::string name;
    Crossbar crossbar;
};

void describe_variant(Section& s, Variant& v) {
    Section& crossbar = s.section("crossbar", "the analog array");
    crossbar.value("rows", v.crossbar.rows, "rows", "Doe 2020").range(1, 1024);
    crossbar.value("r_wire_ohm", v.crossbar.r_wire_ohm, "wire", "Doe 2020")
        .above(0, 1e9)
        .only_with("crossbar.solver", Solver::exact);
    crossbar.value("solver", v.crossbar.solver, "how", "our choice");
}

/// A crossbar, and variants that start as it is.
struct Variants {
    Crossbar crossbar;
    std::vector<Variant> list;

    Section schema() {
        Section root("variants");
        root.named_sections<Variant>(
            "variants", list, "crossbars that differ",
            [this](const std::string& name) {
                return Variant{name, crossbar};
            },
            describe_variant);
        root.section("crossbar", "the analog array").value("rows", crossbar.rows, "rows", "Doe 2020").range(1, 1024);
        return root;
    }
    Origins read_from(const std::string& yaml) {
        Section root = schema();
        return read(load_text(yaml, "v.yaml"), root);
    }
};

TEST(ConfigNamedSections, elements_start_as_the_rest_says_and_take_what_is_written) {
    Variants v;
    const Origins origins = v.read_from(
        "variants:\n  small: {crossbar: {solver: iterative}}\n  large:\n    crossbar: {rows: 64}\ncrossbar: {rows: 32}\n"
        "sources: {variants.large.crossbar.rows: measured}\n");
    ASSERT_EQ(v.list.size(), 2u);
    EXPECT_EQ(v.list[0].name, "small");
    EXPECT_EQ(v.list[0].crossbar.rows, 32);
    EXPECT_EQ(v.list[0].crossbar.solver, Solver::iterative);
    EXPECT_EQ(v.list[1].crossbar.rows, 64);
    EXPECT_EQ(origins.at("variants.large.crossbar.rows").source, "measured");
    EXPECT_EQ(origins.at("variants.large.crossbar.rows").location.line, 4);
}

TEST(ConfigNamedSections, problems_name_the_whole_path) {
    const auto problem = [](const std::string& yaml) {
        return message_of([&] { Variants().read_from(yaml); });
    };
    EXPECT_THAT(problem("variants: {a: {crossbar: {rws: 3}}}"),
                AllOf(HasSubstr("v.yaml:1:"), HasSubstr("variants.a.crossbar.rws: unknown key"),
                      HasSubstr("did you mean `rows`")));
    EXPECT_THAT(problem("variants: {a: {crossbar: {rows: 0}}}"), HasSubstr("variants.a.crossbar.rows: "));
    EXPECT_THAT(problem("variants: {a: {crossbar: {solver: iterative, r_wire_ohm: 3}}}"),
                AllOf(HasSubstr("variants.a.crossbar.r_wire_ohm: has no effect with crossbar.solver: iterative")));
    EXPECT_THAT(problem("variants: [1]"), HasSubstr("variants: expected a map of names"));
    EXPECT_THAT(problem("variants: {a: 3}"), HasSubstr("variants.a: expected a section"));
    EXPECT_THAT(problem("sources: {variants.a.crossbar.rows: x}"), HasSubstr("sources.variants.a.crossbar.rows"));
}

TEST(ConfigNamedSections, the_dump_has_what_elements_change_and_reads_back) {
    Variants v;
    const Origins origins = v.read_from("variants: {a: {crossbar: {rows: 64}}, b: {crossbar: {rows: 128}}, c: {}}");
    Section schema = v.schema();
    const std::string text = dump(schema, origins, false);
    EXPECT_EQ(text, "variants:\n  a:\n    crossbar:\n      rows: 64\n  b:\n    crossbar:\n      rows: 128\n  c: {}\n"
                    "crossbar:\n  rows: 128\n");
    Variants again;
    again.read_from(text);
    ASSERT_EQ(again.list.size(), 3u);
    EXPECT_EQ(again.list[0].crossbar.rows, 64);
    EXPECT_EQ(again.list[2].crossbar.rows, 128);
    Variants none;
    Section empty = none.schema();
    EXPECT_EQ(dump(empty, {}, false), "crossbar:\n  rows: 128\n");
}

TEST(ConfigNamedSections, an_override_adds_and_changes_elements) {
    Variants v;
    Node root = load_text("variants: {a: {crossbar: {rows: 64}}}", "v.yaml");
    apply_override(root, "variants.a.crossbar.rows=16");
    apply_override(root, "variants.b.crossbar.rows=8");
    Section schema = v.schema();
    read(root, schema);
    ASSERT_EQ(v.list.size(), 2u);
    EXPECT_EQ(v.list[0].crossbar.rows, 16);
    EXPECT_EQ(v.list[1].crossbar.rows, 8);
}

}  // namespace
}  // namespace xloop::config
