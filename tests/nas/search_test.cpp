#include "nas/search.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace xloop {
namespace {

using Engine = AccuracyCell::Engine;

NetworkSpec small_space() {
    return parse_network(R"(
name: small
input: {channels: 1, height: 8, width: 8}
layers:
  - {name: a, type: conv, out_channels: [2, 3, 4, 5], kernel: 3, activation: relu}
  - {name: logits, type: linear, out_channels: 10}
)",
                         "small.yaml");
}

/// The network's first width decides everything: more channels are more robust and cost more, but 5 are worth nothing.
class FakeEvaluator : public Evaluator {
public:
    explicit FakeEvaluator(const NetworkSpec& space) : space_(space) {}

    EvaluatedSubnet evaluate(const SubnetPath& path) override {
        ++evaluated;
        EvaluatedSubnet subnet;
        subnet.workload = build_graph(space_.resolve(path));
        const int width = subnet.workload.layers.front().out.channels;
        AccuracyCell cell{Engine::chip, 1, "pgd", 0.1};
        cell.total = 8;
        subnet.accuracy.add(cell, width == 5 ? 0.25 : width / 8.0);
        return subnet;
    }
    HardwareReport estimate(const WorkloadGraph& workload) override {
        HardwareReport report;
        report.figures.latency_s = workload.layers.front().out.channels;
        report.figures.dynamic_j = report.figures.area_mm2 = 1;
        return report;
    }

    int evaluated = 0;

private:
    const NetworkSpec& space_;
};

class MemoryStore : public CandidateStore {
public:
    std::optional<EvaluatedSubnet> find(const std::string& path_text) const override {
        const auto found = kept.find(path_text);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const SubnetRecord& subnet, const WorkloadGraph& workload) override {
        kept[subnet.path] = {workload, subnet.accuracy};
    }

    std::map<std::string, EvaluatedSubnet> kept;
};

class Search : public testing::Test {
protected:
    std::vector<SubnetRecord> run(int chosen, const Watch& watch = {}) {
        return search(space_, random_sampler(space_, 4, 1), robustness_and_edap(), chosen, evaluator_, store_, watch);
    }

    const NetworkSpec space_ = small_space();
    FakeEvaluator evaluator_{space_};
    MemoryStore store_;
};

TEST_F(Search, GivenCandidates_ThenTheFrontAndTheChosenAreMarked) {
    const auto subnets = run(2);
    ASSERT_EQ(subnets.size(), 4u);
    for (const SubnetRecord& s : subnets) {
        EXPECT_EQ(s.on_front, s.path != "a=w5") << s.path;
        EXPECT_EQ(s.chosen, s.path == "a=w2" || s.path == "a=w4") << s.path;
    }
}

TEST_F(Search, GivenASearchGivenUp_ThenWhatWasEvaluatedIsNotEvaluatedAgain) {
    EXPECT_THROW(run(2,
                     [](const StepState& state) {
                         if (state.done == 0.75)
                             throw Interrupted("enough");
                     }),
                 Interrupted);
    EXPECT_EQ(evaluator_.evaluated, 3);
    const auto resumed = run(2);
    EXPECT_EQ(evaluator_.evaluated, 4);
    store_.kept.clear();
    const auto whole = run(2);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(resumed[i].path, whole[i].path);
        EXPECT_EQ(resumed[i].accuracy.json(), whole[i].accuracy.json());
        EXPECT_EQ(resumed[i].chosen, whole[i].chosen);
    }
}

TEST_F(Search, GivenASamplerThatLearns_ThenItSeesWhatWasFoundAndEndsTheSearch) {
    const Sampler one_by_one = [&](const std::vector<SubnetRecord>& evaluated) {
        if (evaluated.size() == 2) {
            EXPECT_EQ(evaluated[1].path, space_.path_text(space_.path(1)));
            return std::vector<SubnetPath>{};
        }
        return std::vector<SubnetPath>{space_.path(evaluated.size())};
    };
    EXPECT_EQ(search(space_, one_by_one, robustness_and_edap(), 1, evaluator_, store_).size(), 2u);
}

}  // namespace
}  // namespace xloop
