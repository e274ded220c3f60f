#include "apps/search/train_one.hpp"

#include "apps/plot/learning_plot.hpp"
#include "core/config/tree.hpp"
#include "core/digest.hpp"
#include "core/files.hpp"
#include "core/interrupt.hpp"
#include "core/progress.hpp"
#include "core/words.hpp"
#include "nas/run_folder.hpp"
#include "training/train_network.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <cstdio>
#include <functional>

namespace xloop {
namespace {

std::string inputs_digest(const ExperimentConfig& c, const std::vector<const ImageSet*>& sets) {
    Digest digest;
    config::add_to_digest(digest, config::load_file(c.network));
    for (const std::string& file : {c.hardware.device.level_table, c.hardware.device.fault_map})
        digest.add(file.empty() ? std::string() : read_file(file));
    for (const ImageSet* set : sets)
        add_to_digest(digest, *set);
    return digest.hex();
}

Json share_json(int right, int images) {
    const auto [low, high] = confidence(right, images);
    return {{"images", images},
            {"right", right},
            {"share", static_cast<double>(right) / images},
            {"low", low},
            {"high", high}};
}

std::string share_text(const Json& share) {
    return fmt::format("{:.1f} % ({:.1f} to {:.1f}) of {}", 100.0 * share["share"].get<double>(),
                       100.0 * share["low"].get<double>(), 100.0 * share["high"].get<double>(),
                       counted(share["images"].get<int>(), "test image"));
}

Json training_json(const TrainedResult& trained, const TestFigures& test, const ExperimentConfig& config,
                   const Json& configuration) {
    Json json = {
        {"network", trained.network.spec.name},
        {"arithmetic", arithmetic_text(config.training)},
        {"end", trained.record.end},
        {"best_epoch", trained.record.best_epoch},
        {"collapsed", trained.record.collapsed},
        {"epochs", trained.record.epochs},
        {"test",
         {{"engine", test.of_integers ? "integer" : "software"}, {"clean", share_json(test.right, test.images)}}}};
    if (test.attacked_images > 0) {
        json["test"]["attacked"] = share_json(test.attacked_right, test.attacked_images);
        json["test"]["attack"] = {{"name", "pgd"},
                                  {"epsilon", config.attack.epsilon},
                                  {"steps", config.attack.steps},
                                  {"threat", "made on the software network, for it"}};
    }
    json["configuration"] = configuration;
    return json;
}

std::string summary(const Json& json, const TrainedResult& trained, const RunFolder& folder, const std::string& file) {
    const int epochs = static_cast<int>(trained.record.epochs.size());
    std::string text =
        fmt::format("{}, {}, {} of training, {}\n", json["network"].get<std::string>(), counted(epochs, "epoch"),
                    duration_text(trained.record.seconds), json["arithmetic"].get<std::string>());
    if (trained.record.end != "epochs")
        text += fmt::format("ended before all epochs: {}\n", trained.record.end);
    if (trained.record.best_epoch > 0) {
        const Json& best = trained.record.epochs[static_cast<std::size_t>(trained.record.best_epoch - 1)]["validation"];
        text +=
            fmt::format("weights of epoch {}, the best on {}: {:.1f} % clean", trained.record.best_epoch,
                        counted(best["images"].get<int>(), "validation image"), 100.0 * best["clean"].get<double>());
        if (best.contains("attacked"))
            text += fmt::format(", {:.1f} % of {} attacked ones", 100.0 * best["attacked"].get<double>(),
                                best["attacked_images"].get<int>());
        text += "\n";
    } else {
        text += "weights of the last epoch (give data.validation_images to choose the best one by them)\n";
    }
    if (trained.record.collapsed)
        text += "collapsed: the network has learnt to fool its adversary; see the warnings and learning.svg\n";
    text += fmt::format("\n{}clean     {}\n",
                        json["test"]["engine"] == "integer" ? "integers of the hardware's bits, exact sums\n" : "",
                        share_text(json["test"]["clean"]));
    if (json["test"].contains("attacked"))
        text += fmt::format("attacked  {}, PGD of {} steps, epsilon {:.4g}, made on the software network\n",
                            share_text(json["test"]["attacked"]), json["test"]["attack"]["steps"].get<int>(),
                            json["test"]["attack"]["epsilon"].get<double>());
    return text + fmt::format(
                      "\nAll of it is in {0}; on the chip:\n  xloop eval {1} -s weights.from=trained -s "
                      "weights.trained={0}/network --out {0}_chip\n",
                      folder.path(), file);
}

}  // namespace

void train_one(const PipelineOptions& options, LoadedExperiment experiment, const NetworkSpec& network) {
    const ExperimentConfig& config = experiment.config;
    if (config.training.largest_teaches)
        config::fail_check(experiment.origins, "training.largest_teaches", "false: one network has no larger subnet");
    const Shape input = build_graph(network).input;
    const auto load = [&](DataPart part, int count) { return load_data(config.data, input, part, count, config.seed); };
    const ImageSet train = load(DataPart::training, config.data.train_images);
    const ImageSet validation =
        config.data.validation_images > 0 ? load(DataPart::validation, config.data.validation_images) : ImageSet();
    const ImageSet test = load(DataPart::test, config.data.test_images);
    TrainingTask task{network, train, config.training, config.attack, config.hardware, config.seed};
    task.preprocessing = config.data.preprocessing;
    task.augmentation = config.data.augmentation;
    if (validation.count() > 0)
        task.validation = &validation;
    check_fit(task);
    RunFolder folder(options.out.empty() ? "results/" + config.name : options.out, experiment.yaml(false),
                     inputs_digest(config, {&train, &validation, &test}), options.fresh);
    set_last_words(folder.last_words());

    TrainedResult trained;
    {
        Progress progress("training");
        trained = train_network(task, folder.path(), std::ref(progress));
    }
    if (const std::string remedy = training_remedy(); !remedy.empty())
        spdlog::warn("{}", remedy);
    save_float_network(trained.network, folder.file("network"));
    plot_learning(trained.record, network.name, folder.file("learning.svg"));
    const Json json = training_json(trained, test_network(trained.network, task, test), config, experiment.flat());
    write_file_atomically(folder.file("training.json"), json.dump(2) + "\n");
    fmt::print("{}", options.json ? json.dump(2) + "\n" : summary(json, trained, folder, options.file));
}

}  // namespace xloop
