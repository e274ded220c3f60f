#include "traces/bus/trace_bus.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "tests/traces/plain_waves.hpp"
#include "tests/traces/scratch_folder.hpp"
#include "traces/saif/saif_sink.hpp"
#include "traces/vcd/vcd_sink.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <memory>
#include <thread>

namespace xloop::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using TraceBusTest = test::ScratchFolder;

Selection everything() {
    Selection selection;
    selection.detail = Detail::all;
    return selection;
}

/// Takes one of the steps of a random run; its payload is the step's number.
class StepJob : public Job {
public:
    StepJob(const RandomWaves& waves, const std::vector<Pattern>& patterns) : waves_(waves), patterns_(patterns) {}
    void run(Time begin, const std::uint8_t* payload, Emitter& out) override {
        std::size_t step;
        std::memcpy(&step, payload, sizeof step);
        EXPECT_EQ(begin, waves_.steps[step].start);
        RandomWaves::play(waves_.steps[step], patterns_, out);
    }

private:
    const RandomWaves& waves_;
    const std::vector<Pattern>& patterns_;
};

/// Sends a random run over the bus: bursts and what even signals do by jobs, the rest as records.
void send(const RandomWaves& waves, TraceBus& bus) {
    for (const Signal& signal : waves.signals)
        bus.declare(signal);
    std::vector<int> patterns;
    for (const Pattern& pattern : waves.patterns)
        patterns.push_back(bus.declare(pattern));
    const int job = bus.declare(std::make_unique<StepJob>(waves, bus.declarations().patterns));
    bus.begin();
    for (std::size_t i = 0; i < waves.steps.size(); ++i) {
        const RandomWaves::Step& step = waves.steps[i];
        bus.advance(step.now);
        if (step.kind == RandomWaves::Kind::burst || step.signal % 2 == 0)
            std::memcpy(bus.defer(step.start, step.end, job, sizeof i), &i, sizeof i);
        else if (step.kind == RandomWaves::Kind::pulses)
            bus.pulses(step.start, step.signal, patterns[step.pattern], step.high);
        else
            bus.change(step.start, step.signal, step.words.data());
    }
    bus.end(waves.end);
}

TEST_F(TraceBusTest, GivenRandomWavesByRecordsAndJobs_ThenOrderedAndDirectDeliveryGiveWhatAPlainInterpreterSays) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        const RandomWaves waves(seed, seed == 1 ? 30'000 : 400);
        const TimeWindows windows = seed == 1 ? TimeWindows::always() : random_windows(seed, waves.end);
        VcdSink vcd(path("a.vcd"));
        SaifSink ordered(path("ordered.saif")), direct(path("direct.saif"));
        TraceBus with_order({}, everything(), windows, {&ordered, &vcd}), without({}, everything(), windows, {&direct});
        send(waves, with_order);
        send(waves, without);
        const NetCounts expected = waves.oracle(with_order.declarations()).counts(windows);
        ASSERT_EQ(differences(counts_of(saif_file(path("ordered.saif"))), expected), "");
        ASSERT_EQ(differences(counts_of(saif_file(path("direct.saif"))), expected), "");
        ASSERT_EQ(differences(counts_of(saif_from_vcd(path("a.vcd"))), expected), "");
        EXPECT_EQ(read_file(path("ordered.saif")), read_file(path("direct.saif")));
    }
}

/// What a sink is told, as text.
class Listener : public Sink {
public:
    explicit Listener(Wants wants, bool order = false) : wants_(wants), order_(order) {}
    Wants wants() const override { return wants_; }
    bool needs_order() const override { return order_; }
    void begin(const Declarations& declarations) override { windows = declarations.windows; }
    void value(const ValueChange& change) override {
        if (fails_)
            throw InputError("the disk is full");
        say("value " + std::to_string(change.time) + " " + std::to_string(change.signal) + "=" +
            std::to_string(*change.words));
    }
    void count(const Count& c) override {
        say("count " + std::to_string(c.instance) + " " + std::to_string(c.n) + " in " + std::to_string(c.begin) + "-" +
            std::to_string(c.end));
    }
    void slice(const Slice& s) override {
        say(std::string(s.name) + "/" + std::string(s.category) + " " + std::to_string(s.begin) + "-" +
            std::to_string(s.end) + " of " + std::to_string(s.layer) + "," + std::to_string(s.image) + "," +
            std::to_string(s.position));
    }
    void level(const Level& l) override { say("level " + std::to_string(l.time) + "=" + std::to_string(l.value)); }
    void advance(Time time) override {
        if (order_) {
            EXPECT_GE(time, last_advance_);
        }
        last_advance_ = time;
    }
    void end(Time time) override {
        say("end " + std::to_string(time));
        if (windows)
            final_windows = windows->windows();
    }

    std::vector<std::string> heard;
    std::vector<std::pair<Time, Time>> final_windows;
    const TimeWindows* windows = nullptr;
    bool fails_ = false;

private:
    void say(std::string text) { heard.push_back(std::move(text)); }
    Wants wants_;
    bool order_;
    Time last_advance_ = 0;
};

/// Says 10 x signal at its begin and end.
class TwoValues : public Job {
public:
    void run(Time begin, const std::uint8_t* payload, Emitter& out) override {
        Time end;
        std::memcpy(&end, payload, sizeof end);
        const std::uint64_t first = 10, last = 20;
        out.value({begin, 0, &first});
        out.value({end, 0, &last});
    }
};

Signal net(const char* name) { return {"chip", name, 8, SignalClass::bus}; }

TEST_F(TraceBusTest, GivenAnOrderedSink_ThenRecordsAreHeldUntilTheRunHasComeToTheirEnds) {
    Listener listener(Sink::Wants::signals, true);
    TraceBus bus({}, everything(), TimeWindows::always(), {&listener});
    const int a = bus.declare(net("a")), b = bus.declare(net("b"));
    EXPECT_EQ(bus.declare(net("a")), a);
    const int job = bus.declare(std::make_unique<TwoValues>());
    bus.begin();
    const Time end = 100;
    std::memcpy(bus.defer(5, end, job, sizeof end), &end, sizeof end);
    bus.change(50, b, 1);
    bus.advance(30);
    bus.change(60, b, 1);  // no change
    bus.end(120);
    EXPECT_THAT(listener.heard, ElementsAre("value 50 1=1", "value 5 0=10", "value 100 0=20", "end 120"));
    EXPECT_EQ(bus.records(), 2u) << "what does not change is none";
}

TEST_F(TraceBusTest, GivenEndEarly_ThenTheTraceEndsAtTheLastTimeSpokenOf) {
    for (bool order : {false, true}) {
        Listener listener(Sink::Wants::signals, order);
        TraceBus bus({}, everything(), TimeWindows::always(), {&listener});
        bus.declare(net("a"));
        const int job = bus.declare(std::make_unique<TwoValues>());
        bus.begin();
        bus.advance(10);
        const Time end = 100;
        std::memcpy(bus.defer(20, end, job, sizeof end), &end, sizeof end);
        bus.end_early();
        EXPECT_THAT(listener.heard, ElementsAre("value 20 0=10", "value 100 0=20", "end 100"));
    }
}

TEST_F(TraceBusTest, GivenCountsSlicesAndLevels_ThenEachGoesToThoseWhoWantIt) {
    Listener counts(Sink::Wants::counts), timeline(Sink::Wants::timeline);
    TraceBus bus({}, everything(), TimeWindows::always(), {&counts, &timeline});
    EXPECT_EQ(bus.declare(net("a")), -1) << "nobody wants signals";
    EXPECT_FALSE(bus.wants(SignalClass::bus));
    const int instance = bus.declare(Instance{"chip.x"}), track = bus.declare(Track{"chip", "x"});
    bus.begin();
    bus.change(5, -1, 7);
    bus.count(instance, Event::conversion, 12, 3, 8);
    bus.slice(track, "read", "operation", 10, 20, 1, 2, 3);
    bus.level(track, 15, -4);
    bus.end(30);
    EXPECT_THAT(counts.heard, ElementsAre("count 0 12 in 3-8", "end 30"));
    EXPECT_THAT(timeline.heard, ElementsAre("read/operation 10-20 of 1,2,3", "level 15=-4", "end 30"));
}

TEST_F(TraceBusTest, GivenRegionsThatOverlap_ThenOneWindowHoldsThemAll) {
    Listener listener(Sink::Wants::signals, true);
    Selection selection = everything();
    selection.regions = {{"a", -1}, {"b", -1}};
    TraceBus bus({}, selection, TimeWindows(), {&listener});
    bus.begin();
    for (const auto& [time, opens] : std::vector<std::pair<Time, bool>>{
             {10, true}, {15, true}, {20, false}, {30, false}, {50, true}, {60, false}}) {
        bus.advance(time);
        opens ? bus.open_window() : bus.close_window();
    }
    bus.end(100);
    EXPECT_THAT(listener.final_windows, ElementsAre(std::pair<Time, Time>(10, 30), std::pair<Time, Time>(50, 60)));
}

TEST_F(TraceBusTest, GivenASinkThatThrows_ThenTheExceptionComesOutInTheRunsThread) {
    for (bool order : {false, true}) {
        Listener listener(Sink::Wants::signals, order);
        listener.fails_ = true;
        TraceBus bus({}, everything(), TimeWindows::always(), {&listener});
        const int a = bus.declare(net("a"));
        bus.begin();
        EXPECT_THROW(
            {
                for (Time t = 1; t < 3'000'000; ++t) {  // far more than may wait: it comes while the run goes on
                    bus.advance(t);
                    bus.change(t, a, t);
                }
                ADD_FAILURE() << "the run went on to its end";
                bus.end(3'000'000);
            },
            InputError);
        Listener other(Sink::Wants::signals, order);
        other.fails_ = true;
        TraceBus at_end({}, everything(), TimeWindows::always(), {&other});
        const int only = at_end.declare(net("a"));
        at_end.begin();
        at_end.change(1, only, 1);
        EXPECT_THROW(at_end.end(10), InputError);
    }
}

TEST_F(TraceBusTest, GivenARunThatIsGivenUpWithoutEnd_ThenTheThreadStopsAndNoFileTakesItsName) {
    {
        VcdSink vcd(path("a.vcd"));
        TraceBus bus({}, everything(), TimeWindows::always(), {&vcd});
        const int a = bus.declare(net("a"));
        bus.begin();
        bus.change(5, a, 1);
    }
    EXPECT_FALSE(std::filesystem::exists(path("a.vcd")));
}

TEST_F(TraceBusTest, GivenClocksAndWindowsThatAreNeverOpen_ThenTheRunEndsAllTheSame) {
    for (const TimeWindows& windows :
         {TimeWindows(), TimeWindows({{500, 600}}), TimeWindows({{500, never}}), TimeWindows({{5, never}})}) {
        VcdSink vcd(path("a.vcd"));
        SaifSink saif(path("a.saif"));
        TraceBus bus({}, everything(), windows, {&vcd, &saif});
        bus.declare(Signal{"chip", "clk", 1, SignalClass::clock, 10'000});
        const int a = bus.declare(net("a"));
        bus.begin();
        bus.change(20, a, 1);
        bus.end(100);
        const bool opens = windows.before(100) > 0;
        const NetCounts nets = counts_of(saif_file(path("a.saif")));
        EXPECT_EQ(nets.at("chip.clk").time(), opens ? 95u : 0u);
        EXPECT_EQ(nets.at("chip.clk").tc, opens ? 18u : 0u);  // at 10, 15, ..., 95
        EXPECT_EQ(nets.at("chip.a[0]").tc, opens ? 1u : 0u);
        const std::string text = read_file(path("a.vcd"));
        EXPECT_EQ(text.find("#") == std::string::npos, !opens);
    }
}

TEST_F(TraceBusTest, GivenAChangeAfterTheEnd_ThenItIsNeitherShownNorCounted) {
    VcdSink vcd(path("a.vcd"));
    SaifSink saif(path("a.saif"));
    TraceBus bus({}, everything(), TimeWindows::always(), {&vcd, &saif});
    const int a = bus.declare(net("a")), b = bus.declare(net("b"));
    bus.begin();
    bus.change(20, a, 1);
    bus.change(100, a, std::uint64_t{0});  // at the end: outside
    bus.change(150, b, 1);
    bus.end(100);
    EXPECT_EQ(counts_of(saif_file(path("a.saif"))), counts_of(saif_from_vcd(path("a.vcd"))));
    EXPECT_EQ(counts_of(saif_file(path("a.saif"))).at("chip.a[0]"), (SaifCounts{20, 80, 0, 0, 1, 0}));
    EXPECT_EQ(counts_of(saif_file(path("a.saif"))).at("chip.b[0]"), (SaifCounts{100, 0, 0, 0, 0, 0}));
}

TEST_F(TraceBusTest, GivenAPatternThatSelectsNothing_ThenBeginSaysWhich) {
    Listener listener(Sink::Wants::signals);
    Selection selection = everything();
    selection.select = {Glob("chip"), Glob("chip.nowhere")};
    TraceBus bus({}, selection, TimeWindows::always(), {&listener});
    bus.declare(net("a"));
    try {
        bus.begin();
        FAIL();
    } catch (const InputError& e) {
        EXPECT_THAT(e.what(), HasSubstr("`chip.nowhere` of trace.select"));
    }
}

TEST_F(TraceBusTest, GivenPatternsThatOthersCoverOrThatExcludeNothing_ThenTheyDoNoHarm) {
    Listener listener(Sink::Wants::signals);
    Selection selection = everything();
    selection.select = {Glob("chip"), Glob("chip.a")};
    selection.exclude = {Glob("chip.nowhere")};
    TraceBus bus({}, selection, TimeWindows::always(), {&listener});
    EXPECT_EQ(bus.declare(net("a")), 0);
    bus.begin();
    EXPECT_FALSE(bus.selection().exclude[0].used());
    bus.end(100);
    EXPECT_EQ(bus.traced(), 100u);
}

TEST_F(TraceBusTest, GivenTimesOfASignalThatFall_ThenItIsAFaultOfTheModel) {
    Listener listener(Sink::Wants::signals);
    TraceBus bus({}, everything(), TimeWindows::always(), {&listener});
    const int a = bus.declare(net("a")), b = bus.declare(net("b"));
    bus.begin();
    bus.change(20, a, 1);
    EXPECT_THROW(bus.change(19, a, 2), Error);
    bus.advance(50);
    EXPECT_THROW(bus.change(49, b, 1), Error) << "before the run's own time";
    bus.change(50, b, 1);
}

TEST_F(TraceBusTest, GivenSignalsWithoutANameInTheMap_ThenTheyAreLeftOutAndTheOthersRenamed) {
    NameMap names = NameMap::load(
        write("names.yaml", "rules:\n  - {model: chip.tile.a, rtl: dut.u_t.sig}\n  - {drop: chip.tile.b}\n"));
    SaifSink saif(path("a.saif"));
    TraceBus bus({}, everything(), TimeWindows::always(), {&saif}, &names);
    const int a = bus.declare(Signal{"chip.tile", "a", 1, SignalClass::bus}),
              b = bus.declare(Signal{"chip.tile", "b", 1, SignalClass::bus}),
              c = bus.declare(Signal{"chip.tile", "c", 1, SignalClass::bus});
    EXPECT_EQ(std::vector<int>({a, b, c}), std::vector<int>({0, -1, -1}));
    bus.begin();
    for (int signal : {a, b, c})
        bus.change(10, signal, 1);
    bus.end(15);
    const NetCounts expected{{"dut.u_t.sig", {10, 5, 0, 0, 1, 0}}};
    EXPECT_EQ(counts_of(saif_file(path("a.saif"))), expected);
    EXPECT_THAT(names.unmapped(), ElementsAre("chip.tile.c"));
}

}  // namespace
}  // namespace xloop::trace
