#include "core/experiment_config.hpp"

namespace xloop {
namespace {

void describe(config::Section& s, DataConfig& c) {
    s.value("set", c.set)
        .doc("images: Fashion-MNIST, or random pixels by seed")
        .source("Fashion-MNIST: Xiao et al., arXiv 1708.07747");
    s.value("directory", c.directory)
        .only_with("data.set", DataSet::fashion_mnist)
        .file_path()
        .doc("folder of the data set's files")
        .source("Debian package dataset-fashion-mnist");
    s.value("train_images", c.train_images).range(1, 60000).doc("training images used").source("our choice: time");
    s.value("test_images", c.test_images).range(1, 10000).doc("test images used").source("our choice: time");
}

void describe(config::Section& s, WeightsConfig& c) {
    s.value("from", c.from)
        .doc("random by seed, or a workload.yaml that a run wrote")
        .source("our choice: hardware studies need no training");
    s.value("workload", c.workload)
        .only_with("weights.from", WeightsSource::workload)
        .file_path()
        .doc("the workload.yaml, for from: workload")
        .source("none");
}

void describe(config::Section& s, TrainingConfig& c) {
    s.value("epochs", c.epochs).range(0, 10000).doc("passes over the training images").source("our choice: time");
    s.value("batch_size", c.batch_size).range(1, 65536).unit("images").doc("images a step").source("our choice");
    s.value("learning_rate", c.learning_rate)
        .above(0)
        .doc("peak rate of Adam; decays by a cosine")
        .source("our choice");
    s.value("weight_decay", c.weight_decay).at_least(0).doc("L2 penalty").source("our choice");
    s.value("crossbar_aware", c.crossbar_aware)
        .doc("weights in the forward pass are those of programmed arrays")
        .source("XploreNAS (arXiv 2302.07769) trains crossbar-aware; the method here is ours");
    s.value("crossbar_refresh_steps", c.crossbar_refresh_steps)
        .range(1, 1000000)
        .unit("steps")
        .doc("steps for which one sampled subnet and its effective weights are kept")
        .source("our choice: time");
    s.value("adversarial", c.adversarial)
        .doc("train on adversarial examples (PGD)")
        .source("Madry et al., arXiv 1706.06083");
    s.value("attack_steps", c.attack_steps)
        .only_with("training.adversarial", true)
        .range(1, 1000)
        .unit("steps")
        .doc("PGD steps of a training example")
        .source("our choice: time; 7 in Madry et al.");
    s.value("warmup_epochs", c.warmup_epochs)
        .only_with("training.adversarial", true)
        .at_least(0)
        .unit("epochs")
        .doc("clean training before the attacks start")
        .source("our choice");
}

void describe(config::Section& s, AttackConfig& c) {
    s.value("epsilon", c.epsilon)
        .range(0, 1)
        .doc("largest change of a pixel; pixels are in [0, 1]")
        .source("8/255, the customary bound for colour images");
    s.value("step_size", c.step_size).range(0, 1).doc("change of a pixel in one step").source("epsilon / 4");
    s.value("steps", c.steps)
        .range(1, 10000)
        .unit("steps")
        .doc("PGD steps")
        .source("Madry et al., arXiv 1706.06083: 7");
    s.value("random_start", c.random_start).doc("start at a random point of the ball").source("Madry et al.");
}

void describe(config::Section& s, SearchConfig& c) {
    s.value("subnets", c.subnets)
        .range(1, 10000)
        .doc("subnets sampled and evaluated; the smallest and largest among them")
        .source("our choice: time");
    s.value("chosen", c.chosen)
        .range(1, 100)
        .doc("subnets of the Pareto set that the cycle model checks")
        .source("our choice: time");
    s.value("test_images", c.test_images)
        .range(1, 10000)
        .doc("test images for each accuracy")
        .source("our choice: time");
    s.value("calibration_images", c.calibration_images)
        .range(16, 60000)
        .doc("training images for batch-norm statistics and activation ranges")
        .source("our choice: time");
}

void describe(config::Section& s, SimulationConfig& c) {
    s.value("images", c.images).range(1, 10000).doc("images that the cycle model runs").source("our choice: time");
    s.value("values", c.values)
        .doc("compute: every array's values, logits checked against the untimed chip; counts: sizes and times only")
        .source("our choice: cycles and event counts do not depend on values");
    s.value("statistics", c.statistics)
        .only_with("simulation.values", SimulatedValues::counts)
        .file_path()
        .doc(
            "activities of a computing run (simulate --record-statistics), for the report of values: counts; empty = "
            "none")
        .source("none");
    s.value("watchdog_cycles", c.watchdog_cycles)
        .range(1, 1e18)
        .unit("cycles")
        .doc("a run in which no position is finished for so long is given up")
        .source("our choice: far above any position");
    s.value("power_window_cycles", c.power_window_cycles)
        .range(1, 1e9)
        .unit("cycles")
        .doc("power over time and peak power are means over windows of this length")
        .source("our choice: about one position of a layer with 8 reads of 100 ns");
}

void describe(config::Section& s, TraceConfig& c) {
    s.value("formats", c.formats)
        .doc(
            "what the cycle model writes: vcd and saif of signals, activity and power by windows of time (CSV), "
            "timeline (JSON); "
            "empty = nothing")
        .source("our choice: a trace is asked for");
    s.value("output", c.output)
        .file_path()
        .doc("names of the files begin with it; empty = the experiment's name")
        .source("convention");
    s.value("detail", c.detail)
        .one_of({"control", "data", "all"})
        .doc(
            "control: enables, handshakes, states; data: also row lines, codes, memory, bus, links, results; all: also "
            "registers, "
            "strobes, clocks")
        .source("our choice: what blocks say to one another");
    s.value("classes", c.classes)
        .doc(
            "classes of signals instead of the detail's: enable, handshake, state, lines, code, memory, "
            "bus, link, vector, strobe, registers, clock")
        .source("none");
    s.value("select", c.select)
        .doc(
            "patterns of paths: only what is at or below one of them; * within a level, ** across levels; "
            "empty = all")
        .source("none");
    s.value("exclude", c.exclude).doc("patterns of paths that are left out").source("none");
    s.value("windows", c.windows)
        .doc(
            "parts of the run: cycles:0-2000, ns:100-200 (ps, us, ms), or regions layer:conv3,image:2; "
            "empty = the whole run")
        .source("none");
    s.value("limit_mb", c.limit_mb)
        .range(1, 1e6)
        .unit("MB")
        .doc("largest size of a file before compression; it ends in good order there")
        .source("our choice: fits on any disk");
    s.value("name_map", c.name_map)
        .file_path()
        .doc("YAML file that gives signals the names of an RTL; empty = the model's names")
        .source("none");
    s.value("gzip", c.gzip).doc("compress the files").source("our choice: not every reader takes .gz");
}

void check_simulation(const LoadedExperiment& loaded) {
    const ExperimentConfig& c = loaded.config;
    if (c.simulation.computes()) {
        const char* expected =
            "8 bits, the only width that values are computed with; simulation.values: counts takes any";
        if (c.hardware.numerics.activation_bits != 8)
            config::fail_check(loaded.origins, "numerics.activation_bits", expected);
        if (c.hardware.numerics.weight_bits != 8)
            config::fail_check(loaded.origins, "numerics.weight_bits", expected);
    }
}

}  // namespace

void describe(config::Section& root, ExperimentConfig& c) {
    root.value("name", c.name).doc("name of the experiment, and of its results folder").source("convention");
    root.value("network", c.network).required().file_path().doc("network file");
    root.value("path", c.path)
        .doc("subnet of a searchable network, as `config` and reports print it; empty = the largest")
        .source("convention");
    root.value("cost_table", c.cost_table)
        .required()
        .file_path()
        .doc("cost table: energy of events, area of components");
    root.value("seed", c.seed).doc("seed of everything random but the chip").source("convention");
    describe(root, c.hardware);
    describe(root.section("data", "images"), c.data);
    describe(root.section("weights", "weights for estimate and simulate"), c.weights);
    describe(root.section("training", "training of the supernet"), c.training);
    describe(root.section("attack", "the attack that accuracy is measured under (PGD, L-infinity)"), c.attack);
    describe(root.section("search", "sampling and choice of subnets"), c.search);
    describe(root.section("simulation", "the cycle model"), c.simulation);
    describe(root.section("trace", "traces of the cycle model: signals, activity, power, time line"), c.trace);
}

std::string LoadedExperiment::yaml(bool provenance) const {
    ExperimentConfig copy = config;
    config::Section schema("experiment");
    describe(schema, copy);
    return config::dump(schema, origins, provenance);
}

LoadedExperiment load_experiment(const std::string& path, const std::vector<std::string>& overrides) {
    config::Node root = config::load_file(path);
    for (const std::string& assignment : overrides)
        config::apply_override(root, assignment);
    LoadedExperiment loaded;
    config::Section schema("experiment");
    describe(schema, loaded.config);
    loaded.origins = config::read(root, schema);
    validate(loaded.config.hardware, loaded.origins);
    if (loaded.config.weights.from == WeightsSource::workload && loaded.config.weights.workload.empty())
        config::fail_check(loaded.origins, "weights.workload",
                           "the workload.yaml to read, since weights.from is workload");
    check_simulation(loaded);
    return loaded;
}

}  // namespace xloop
