#include "core/config/access.hpp"
#include "core/config/schema.hpp"
#include "core/config/value.hpp"
#include "training/fingerprint.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace xloop {
namespace {

namespace fs = std::filesystem;
using config::Affects;

/// What a training run is told, as the experiment file has it.
struct Settings {
    TrainingConfig training;
    AttackConfig attack;
    HardwareConfig hardware;
};

config::Section schema_of(Settings& settings) {
    config::Section schema;
    describe(schema.section("training", ""), settings.training);
    describe(schema.section("attack", ""), settings.attack);
    describe(schema, settings.hardware);
    return schema;
}

Settings settings_with(const std::vector<std::string>& assignments) {
    config::Node root;
    root.kind = config::Node::Kind::map;
    for (const std::string& assignment : assignments)
        config::apply_override(root, assignment);
    Settings settings;
    config::Section schema = schema_of(settings);
    config::read(root, schema);
    return settings;
}

std::string fingerprint(const Settings& settings) {
    const NetworkSpec spec = parse_network(R"(
name: one
input: {channels: 1, height: 2, width: 2}
layers:
  - {name: a, type: linear, out_channels: 2}
)",
                                           "one.yaml");
    ImageSet images;
    images.shape = spec.input;
    images.pixels = {1, 2, 3, 4};
    images.labels = {1};
    return training_fingerprint({spec, images, settings.training, settings.attack, settings.hardware, 7});
}

/// Another value that the key may have; a file is one with some text in it.
std::string other_value(const config::Access::Spec& spec, const std::string& file) {
    const std::string now = value_node(spec).text;
    if (!spec.choices.empty())
        return spec.choices.front() == now ? spec.choices.back() : spec.choices.front();
    if (std::holds_alternative<bool*>(spec.target))
        return now == "true" ? "false" : "true";
    if (spec.is_path)
        return file;
    if (std::holds_alternative<std::vector<std::string>*>(spec.target))
        return "[a=2]";
    if (std::holds_alternative<std::vector<double>*>(spec.target))
        return "[1]";
    const double value = std::stod(now);
    for (const double other : {value + 1, value - 1, value / 2, (spec.low + spec.high) / 2})
        if (other != value && other > spec.low && other <= spec.high)
            return fmt::format("{}", other);
    return fmt::format("{}", spec.low);
}

TEST(Staleness, GivenAnyKeyOfTrainingAttackAndHardware_ThenItIsDecidedWhetherItMakesCheckpointsStaleAndItDoes) {
    const fs::path file = fs::temp_directory_path() / fmt::format("xloop_staleness_{}", ::getpid());
    std::ofstream(file) << "some text\n";
    Settings defaults;
    const config::Section schema = schema_of(defaults);
    const config::Fields fields = config::fields_of(schema);
    int stale = 0, kept = 0;
    for (const auto& [path, spec] : fields) {
        ASSERT_TRUE(spec->affects) << path << ": say whether it affects weights";
        // As many steps as training has, so that training uses the attack's own step size.
        std::vector<std::string> before = {"attack.steps=3"};
        for (const auto& condition : spec->conditions) {
            const std::string& other = condition.keys.front();
            before.push_back(other + "=" +
                             (condition.values.empty() ? other_value(field_at(fields, other), file.string())
                                                       : condition.values.front()));
            if (condition.values.empty())  // then the other key has no effect without this one
                before.push_back(path + "=" + value_node(*spec).text);
        }
        std::vector<std::string> after = before;
        after.push_back(path + "=" + other_value(*spec, file.string()));
        const bool changes = fingerprint(settings_with(before)) != fingerprint(settings_with(after));
        EXPECT_EQ(changes, *spec->affects == Affects::weights) << after.back();
        ++(changes ? stale : kept);
    }
    fs::remove(file);
    EXPECT_GT(stale, 40);
    EXPECT_GT(kept, 50);
}

TEST(Staleness, GivenTrainingWithoutArraysOrAttacks_ThenTheirKeysAreOfNoMatter) {
    const std::vector<std::string> plain = {"training.crossbar=none", "training.adversary=none"};
    std::vector<std::string> other = plain;
    other.insert(other.end(), {"crossbar.rows=32", "attack.epsilon=0.5"});
    EXPECT_EQ(fingerprint(settings_with(plain)), fingerprint(settings_with(other)));
}

TEST(Staleness, GivenAFileOfTheSameName_ThenItsContentCounts) {
    const fs::path file = fs::temp_directory_path() / fmt::format("xloop_staleness_content_{}", ::getpid());
    const auto with = [&](const char* text) {
        std::ofstream(file) << text;
        return fingerprint(settings_with({"device.fault_map=" + file.string()}));
    };
    const std::string one = with("one"), two = with("two");
    EXPECT_NE(one, two);
    EXPECT_EQ(with("one"), one);
    fs::remove(file);
}

}  // namespace
}  // namespace xloop
