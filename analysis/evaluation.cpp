#include "analysis/evaluation.hpp"

#include "core/error.hpp"
#include "systemc_model/chip/running_network.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>

namespace xloop {

using Engine = AccuracyCell::Engine;

std::string EngineResult::name() const {
    const std::string name = EngineChoice{engine, chip_seed, recalibrated}.name();
    return attacked() ? name + "_" + attack : name;
}

AccuracyCell EngineResult::cell() const {
    AccuracyCell cell;
    cell.engine = engine;
    cell.chip_seed = chip_seed;
    cell.recalibrated = recalibrated;
    cell.attack = attack;
    cell.epsilon = epsilon;
    const auto within = [&](int places) {
        return std::count_if(ranks.begin(), ranks.end(), [places](int rank) { return rank < places; });
    };
    cell.correct = within(1);
    cell.correct_top5 = within(5);
    cell.total = static_cast<std::int64_t>(ranks.size());
    return cell;
}

Json EngineResult::json() const {
    Json json = {{"engine", name_of(engine)},
                 {"chip_seed", chip_seed},
                 {"recalibrated", recalibrated},
                 {"attack", attack},
                 {"epsilon", epsilon},
                 {"predictions", predictions},
                 {"ranks", ranks},
                 {"layers", Json::array()}};
    for (const LayerErrors& l : layers)
        json["layers"].push_back({{"layer", l.layer},
                                  {"variance", l.variance},
                                  {"squared_error", l.squared_error},
                                  {"non_ideality", l.non_ideality},
                                  {"clipped", l.clipped},
                                  {"conversions", l.conversions}});
    return json;
}

EngineResult EngineResult::from_json(const Json& json) {
    EngineResult result;
    const auto engine = value_named<Engine>(json.at("engine").get<std::string>());
    if (!engine)
        throw InputError("engine: expected software, integer, ideal_chip or chip");
    result.engine = *engine;
    json.at("chip_seed").get_to(result.chip_seed);
    json.at("recalibrated").get_to(result.recalibrated);
    json.at("attack").get_to(result.attack);
    json.at("epsilon").get_to(result.epsilon);
    json.at("predictions").get_to(result.predictions);
    json.at("ranks").get_to(result.ranks);
    for (const Json& l : json.at("layers")) {
        LayerErrors errors;
        l.at("layer").get_to(errors.layer);
        l.at("variance").get_to(errors.variance);
        l.at("squared_error").get_to(errors.squared_error);
        l.at("non_ideality").get_to(errors.non_ideality);
        l.at("clipped").get_to(errors.clipped);
        l.at("conversions").get_to(errors.conversions);
        result.layers.push_back(std::move(errors));
    }
    return result;
}

template <class Logit>
void judge(EngineResult& result, const std::vector<std::vector<Logit>>& logits, const std::vector<int>& labels) {
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const std::vector<Logit>& row = logits[i];
        result.predictions.push_back(static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin()));
        const auto label = row.begin() + labels[i];
        result.ranks.push_back(
            static_cast<int>(std::count_if(row.begin(), row.end(), [&](Logit other) { return other > *label; }) +
                             std::count(row.begin(), label, *label)));
    }
}
template void judge(EngineResult&, const std::vector<std::vector<float>>&, const std::vector<int>&);
template void judge(EngineResult&, const std::vector<std::vector<std::int32_t>>&, const std::vector<int>&);

namespace {

/// What is left to do: the cost of each part in images of an exact engine, roughly, so that the time left can be told.
class Plan {
public:
    explicit Plan(const Watch& watch) : watch_(watch) {}
    void add(double cost) { total_ += cost; }
    /// Of a part of this cost, which is then done.
    void carry_out(double cost, const std::function<void(const Watch&)>& part) {
        part([&](const StepState& state) {
            if (watch_)
                watch_({std::min(1.0, (done_ + cost * state.done) / total_)});
        });
        done_ += cost;
    }

private:
    const Watch& watch_;
    double total_ = 0.0, done_ = 0.0;
};

class Evaluation {
public:
    Evaluation(const EvaluationTask& task, EngineResultStore& store, const Watch& watch)
        : task_(task), store_(store), plan_(watch),
          engines_(task.integer, task.hardware, {task.train_pixels.data(), loaded_count()},
                   task.config.calibration_images, task.threads) {}

    std::vector<EngineResult> run() {
        for (const EngineChoice& choice : engines_of(task_.config, task_.hardware.chip_seed)) {
            EngineResult wanted;
            wanted.engine = choice.kind;
            wanted.chip_seed = choice.chip_seed;
            wanted.recalibrated = choice.recalibrated;
            want_clean_and_attacked(wanted);
        }
        for (std::size_t r = 0; r < results_.size(); ++r)
            if (!is_known_[r])
                compute(results_[r]);
        return std::move(results_);
    }

private:
    static constexpr double array_cost = 20.0;  ///< of an image on arrays, in images of an exact engine

    void want_clean_and_attacked(const EngineResult& clean) {
        want(clean);
        if (task_.attacked_pixels.empty())
            return;
        EngineResult attacked = clean;
        attacked.attack = task_.attack;
        attacked.epsilon = task_.epsilon;
        want(std::move(attacked));
    }

    void want(EngineResult result) {
        std::optional<EngineResult> known = store_.find(result.name());
        if (!known)
            plan_.add(cost(result));
        is_known_.push_back(known.has_value());
        results_.push_back(known ? std::move(*known) : std::move(result));
    }

    const std::vector<std::uint8_t>& pixels(const EngineResult& result) const {
        return result.attacked() ? task_.attacked_pixels : task_.test_pixels;
    }
    int count(const EngineResult& result) const {
        return static_cast<int>(pixels(result).size() / static_cast<std::size_t>(task_.integer.input.size()));
    }
    double images(const EngineResult& result) const { return count(result); }
    double recalibration_cost() const { return array_cost * calibration_count(); }
    double error_cost() const { return array_cost * snr_count(); }
    double programming_cost() const { return array_cost; }
    double cost(const EngineResult& result) const {
        switch (result.engine) {
        case Engine::software:
        case Engine::integer: return images(result);
        case Engine::ideal_chip: return programming_cost() + array_cost * images(result);
        case Engine::chip: break;
        }
        return programming_cost() + array_cost * images(result) + (result.attacked() ? 0.0 : error_cost()) +
               (result.recalibrated ? recalibration_cost() : 0.0);
    }

    int calibration_count() const { return std::min(task_.config.calibration_images, loaded_count()); }
    int loaded_count() const {
        return static_cast<int>(task_.train_pixels.size() / static_cast<std::size_t>(task_.integer.input.size()));
    }
    int snr_count() const { return std::min(task_.config.snr_images, static_cast<int>(task_.labels.size())); }

    void compute(EngineResult& result) {
        const WorkloadGraph* workload = nullptr;
        switch (result.engine) {
        case Engine::software:
            plan_.carry_out(cost(result), [&](const Watch& watch) {
                judge(result, task_.software(result.attacked(), watch), task_.labels);
            });
            break;
        case Engine::integer: classify(result, task_.integer, IntegerEngine(task_.integer), cost(result)); break;
        case Engine::ideal_chip: {
            const auto chip = programmed({Engine::ideal_chip});
            classify(result, chip->network().graph, *chip, array_cost * images(result));
            break;
        }
        case Engine::chip: workload = &evaluate_chip(result); break;
        }
        const bool keeps = workload && !result.attacked() && (!workload->ranges_for.empty() || result.recalibrated);
        store_.keep(result, keeps ? workload : nullptr);
    }

    std::shared_ptr<const Chip> programmed(const EngineChoice& choice) {
        std::shared_ptr<const Chip> chip;
        plan_.carry_out(programming_cost(), [&](const Watch& watch) { chip = engines_.chip(choice, watch); });
        return chip;
    }

    /// Returns the network as the chip runs it.
    const WorkloadGraph& evaluate_chip(EngineResult& result) {
        const auto chip = programmed({Engine::chip, result.chip_seed, result.recalibrated});
        const WorkloadGraph& own = chip->network().graph;
        if (result.recalibrated)
            plan_.carry_out(recalibration_cost(),
                            [&](const Watch& watch) { corrected_ = engines_.corrected(*chip, watch); });
        const WorkloadGraph& network = result.recalibrated ? *corrected_ : own;
        classify(result, network, *chip, array_cost * images(result));
        if (snr_count() > 0 && !result.attacked())
            plan_.carry_out(error_cost(), [&](const Watch& watch) {
                result.layers =
                    layer_errors(own, network, *chip, {task_.test_pixels.data(), snr_count()}, task_.threads, watch);
            });
        return network;
    }

    /// In slices, so that a stop is heard.
    void classify(EngineResult& result, const WorkloadGraph& network, const MatrixEngine& engine, double cost) {
        const int all = count(result), slice = 16 * task_.threads;
        plan_.carry_out(cost, [&](const Watch& watch) {
            std::vector<std::vector<std::int32_t>> logits;
            for (int first = 0; first < all; first += slice) {
                watch({static_cast<double>(first) / all});
                for (auto& row : run_images(network, engine, pixels(result).data(), first, std::min(slice, all - first),
                                            task_.threads))
                    logits.push_back(std::move(row));
            }
            judge(result, logits, task_.labels);
        });
    }

    const EvaluationTask& task_;
    EngineResultStore& store_;
    Plan plan_;
    std::vector<EngineResult> results_;
    std::vector<bool> is_known_;
    EngineMaker engines_;
    std::shared_ptr<const WorkloadGraph> corrected_;
};

}  // namespace

std::vector<EngineChoice> engines_of(const EvaluationConfig& config, std::uint64_t first_chip) {
    std::vector<EngineChoice> engines;
    for (const std::string& name : config.engines) {
        const Engine kind = *value_named<Engine>(name);
        if (kind != Engine::chip) {
            engines.push_back({kind});
            continue;
        }
        for (int chip = 0; chip < config.chips; ++chip)
            for (const bool recalibrated : {false, true})
                if (config.recalibrate == Recalibration::both ||
                    recalibrated == (config.recalibrate == Recalibration::on))
                    engines.push_back({kind, first_chip + static_cast<std::uint64_t>(chip), recalibrated});
    }
    return engines;
}

std::vector<EngineResult> evaluate(const EvaluationTask& task, EngineResultStore& store, const Watch& watch) {
    return Evaluation(task, store, watch).run();
}

AccuracyTable accuracies(const std::vector<EngineResult>& results) {
    AccuracyTable table;
    for (const EngineResult& result : results)
        table.add(result.cell());
    return table;
}

Table layer_table(const std::vector<EngineResult>& results) {
    Table table{"layers",
                {{"layer", "layer", -24},
                 {"chip_seed", ""},
                 {"recalibrated", ""},
                 {"snr_db", "SNR dB", 8, 2, "{:.2f}"},
                 {"non_ideality", "non-ideality", 12, 2, "{:.4f}"},
                 {"clipped", ""},
                 {"conversions", ""},
                 {"clipped_share", "clipped", 10, 2, "{:.4f} %", 100}}};
    for (const EngineResult& result : results)
        for (const LayerErrors& l : result.layers)
            table.add(l.layer, result.chip_seed, result.recalibrated, l.snr_db(), l.non_ideality, l.clipped,
                      l.conversions, l.clipped_share());
    return table;
}

std::string predictions_csv(const std::vector<EngineResult>& results, const std::vector<int>& labels) {
    std::string text = "index,label";
    for (const EngineResult& result : results)
        text += "," + result.name();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        text += fmt::format("\n{},{}", i, labels[i]);
        for (const EngineResult& result : results)
            text += i < result.predictions.size() ? fmt::format(",{}", result.predictions[i]) : ",";
    }
    return text + "\n";
}

std::string ConfusionMatrix::csv() const {
    std::string text = "label";
    for (std::size_t c = 0; c < counts.size(); ++c)
        text += fmt::format(",{}", c);
    for (std::size_t label = 0; label < counts.size(); ++label) {
        text += fmt::format("\n{}", label);
        for (std::int64_t count : counts[label])
            text += fmt::format(",{}", count);
    }
    return text + "\n";
}

ConfusionMatrix confusion_matrix(const std::vector<EngineResult>& results, const std::vector<int>& labels,
                                 int classes) {
    ConfusionMatrix matrix;
    matrix.recalibrated =
        std::any_of(results.begin(), results.end(), [](const EngineResult& r) { return r.recalibrated; });
    for (const EngineResult& result : results) {
        if (result.engine != Engine::chip || result.recalibrated != matrix.recalibrated || result.attacked())
            continue;
        ++matrix.chips;
        matrix.counts.resize(static_cast<std::size_t>(classes),
                             std::vector<std::int64_t>(static_cast<std::size_t>(classes), 0));
        for (std::size_t i = 0; i < labels.size(); ++i)
            ++matrix.counts[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(result.predictions[i])];
    }
    return matrix;
}

}  // namespace xloop
