#include "attacks/judge_robustness.hpp"

#include "attacks/attack.hpp"
#include "attacks/belief.hpp"
#include "attacks/pgd.hpp"
#include "attacks/pixel_network.hpp"
#include "attacks/steps.hpp"
#include "attacks/tested_engine.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "dnn/one_thread.hpp"
#include "dnn/tensors.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <set>
#include <utility>

namespace xloop {
namespace {

/// One attack of one size: what is made once for each network that it is made on. Attacks without a bound have one for all sizes.
struct Wanted {
    NamedAttack attack;
    AttackConfig how;
    std::string name;
};

/// What an attack made of all images.
struct Made {
    torch::Tensor images;               ///< [N, C, H, W]
    std::vector<std::int64_t> queries;  ///< [N]
};

std::string bytes_of(const Made& made) {
    const torch::Tensor images = made.images.to(torch::kFloat32).contiguous();
    std::string bytes(reinterpret_cast<const char*>(images.data_ptr<float>()),
                      static_cast<std::size_t>(images.numel()) * sizeof(float));
    bytes.append(reinterpret_cast<const char*>(made.queries.data()), made.queries.size() * sizeof(std::int64_t));
    return bytes;
}

Made made_from(const std::string& bytes, const torch::Tensor& like, const std::string& name) {
    const auto values = static_cast<std::size_t>(like.numel()) * sizeof(float);
    const auto count = static_cast<std::size_t>(like.size(0));
    if (bytes.size() != values + count * sizeof(std::int64_t))
        throw InputError(
            fmt::format("{}: {} bytes are not what {} attacked images take; remove the folder, or run with "
                        "--fresh",
                        name, bytes.size(), count));
    Made made{torch::empty_like(like, torch::MemoryFormat::Contiguous), std::vector<std::int64_t>(count)};
    std::memcpy(made.images.data_ptr<float>(), bytes.data(), values);
    std::memcpy(made.queries.data(), bytes.data() + values, bytes.size() - values);
    return made;
}

/// Passes of an attack over an image, roughly: a pass backward counts as one more.
double passes_of(AttackKind kind, const AttackConfig& how, int classes) {
    const double steps = how.steps * how.draws, restarts = how.restarts;
    const double targets = std::min(how.target_classes, classes - 1);
    constexpr double both_ways = 2.0;
    switch (kind) {
    case AttackKind::fgsm:
    case AttackKind::r_fgsm: return both_ways * how.draws;
    case AttackKind::pgd:
    case AttackKind::apgd_ce:
    case AttackKind::apgd_dlr: return both_ways * steps * restarts;
    case AttackKind::mi_fgsm: return both_ways * steps;
    case AttackKind::apgd_t:
    case AttackKind::fab_t: return both_ways * steps * restarts * targets;
    case AttackKind::fab: return steps * restarts * classes;
    case AttackKind::square: return how.steps;
    case AttackKind::cw: return both_ways * steps * how.search_steps;
    case AttackKind::deepfool: return how.steps * std::min(classes, 10);
    case AttackKind::one_pixel: return static_cast<double>(how.steps) * how.population;
    case AttackKind::ensemble: return both_ways * 100.0 * (1.0 + 2.0 * targets) + 5000.0;
    }
    return 1.0;
}

/// Parts of the work in order, each with its cost in passes of the software network, so that the time left can be told.
class Plan {
public:
    using Work = std::function<void(const Watch&)>;
    void add(double cost, Work work) {
        total_ += cost;
        parts_.push_back({cost, std::move(work)});
    }
    void carry_out(const Watch& watch) {
        double done = 0.0;
        for (Part& part : parts_) {
            const Watch own = [&](const StepState& state) {
                if (watch)
                    watch({total_ > 0.0 ? std::min(1.0, (done + part.cost * state.done) / total_) : 0.0});
            };
            own({});
            part.work(own);
            part.work = nullptr;
            done += part.cost;
        }
    }

private:
    struct Part {
        double cost;
        Work work;
    };
    std::vector<Part> parts_;
    double total_ = 0.0;
};

class Robustness {
public:
    Robustness(const RobustnessTask& task, AttackStore& store)
        : task_(task), store_(store), software_(task.network, task.preprocessing), images_(image_tensor(task.images)),
          labels_(label_tensor(task.images)), tested_(task, store) {
        for (const NamedAttack& attack : task.config.named_attacks())
            want(attack);
    }

    RobustnessResult run(const Watch& watch) {
        plan();
        plan_.carry_out(watch);
        for (std::string& sign : contradictions(result_.cells))
            result_.warnings.push_back(std::move(sign));
        store_.forget("made/");
        return std::move(result_);
    }

private:
    static constexpr double engine_cost = 6.0;        ///< of a pass of a chip, in passes of the software network
    static constexpr double programming_cost = 20.0;  ///< of a chip, in its passes

    void want(const NamedAttack& attack) {
        AttackConfig how = attack.with(task_.attack);
        if (!traits_of(attack.kind).bounded) {
            wanted_.push_back({attack, how, attack.str()});
            return;
        }
        for (const double epsilon : task_.epsilons()) {
            how.epsilon = epsilon;
            const double share = task_.attack.step_size > 0.0 && task_.attack.epsilon > 0.0
                                     ? task_.attack.step_size / task_.attack.epsilon
                                     : 2.5 / how.steps;
            how.step_size = share * epsilon;
            wanted_.push_back({attack, how, fmt::format("{}_eps{:.6g}", attack.str(), epsilon)});
        }
    }

    double images() const { return static_cast<double>(images_.size(0)); }
    double make_cost(const Wanted& w, double pass) const {
        constexpr int usual_classes = 10;
        return passes_of(w.attack.kind, w.how, usual_classes) * pass * images();
    }

    /// What a maker is called in the store, by threat and tested engine.
    static std::string maker_name(Threat threat, const EngineChoice& engine) {
        switch (threat) {
        case Threat::ss:
        case Threat::sh: return "software";
        case Threat::other_chip:
        case Threat::unknown_chip: return name_of(threat);
        case Threat::hh: return engine.name();
        case Threat::query: return engine.name() + "_answers";
        case Threat::effective: return engine.name() + "_effective";
        case Threat::transfer: return engine.name() + "_surrogate";
        }
        return "";
    }

    /// Whether attacks are made on the tested engine, or on what was made of it.
    static bool made_on_tested(Threat threat) {
        return threat == Threat::hh || threat == Threat::query || threat == Threat::effective ||
               threat == Threat::transfer;
    }

    void plan() {
        const bool software = task_.config.has(Threat::ss) || task_.config.has(Threat::sh);
        if (software) {
            const Network network = [this](const Watch&) -> AttackedNetwork& { return software_; };
            if (task_.config.checks)
                plan_.add(0.0, [this, network](const Watch& watch) { look_for_signs("software", network, watch); });
            for (const Wanted& w : wanted_)
                plan_making(w, "software", 1.0, network);
        }
        for (const Threat threat : {Threat::other_chip, Threat::unknown_chip})
            if (task_.config.has(threat))
                plan_attackers_chips(threat);
        for (const EngineChoice& engine : task_.engines)
            plan_engine(engine);
    }

    using Network = std::function<AttackedNetwork&(const Watch& watch)>;
    void plan_making(const Wanted& w, const std::string& maker, double pass, const Network& network) {
        plan_.add(make_cost(w, pass), [this, w, maker, network](const Watch& watch) {
            if (!judged_everywhere(maker, w))
                make(network(watch), maker, w, watch);
        });
    }

    void plan_attackers_chips(Threat threat) {
        for (const Wanted& w : wanted_)
            plan_making(w, name_of(threat), engine_cost, [this, threat](const Watch& watch) -> AttackedNetwork& {
                return tested_.attackers(threat, of_chips().recalibrated, watch);
            });
    }

    /// The first chip that is tested: the attacker's are corrected as it is.
    const EngineChoice& of_chips() const {
        return *std::find_if(task_.engines.begin(), task_.engines.end(),
                             [](const EngineChoice& e) { return e.kind == EngineKind::chip; });
    }

    void plan_engine(const EngineChoice& engine) {
        const bool software = engine.kind == EngineKind::software;
        const double pass = software ? 1.0 : engine.kind == EngineKind::integer ? 2.0 : engine_cost;
        plan_.add((software ? 0.0 : engine_cost * programming_cost) + pass * images(),
                  [this, engine](const Watch& watch) {
                      tested_.choose(engine);
                      clean_ = predictions_of(engine, watch);
                  });
        if (!software && task_.config.has(Threat::hh) && task_.config.checks && looked_at_.insert(engine.kind).second)
            plan_.add(0.0, [this, engine](const Watch& watch) {
                look_for_signs(
                    engine.name(), [this](const Watch& w) -> AttackedNetwork& { return tested_.network(w); }, watch);
            });
        for (const std::string& name : task_.config.threats) {
            const Threat threat = *value_named<Threat>(name);
            if (!tests(threat, engine))
                continue;
            const std::string maker = maker_name(threat, engine);
            const double maker_pass = threat == Threat::hh ? pass + 1.0 : threat == Threat::query ? pass : 1.0;
            for (const Wanted& w : wanted_) {
                if (made_on_tested(threat))
                    plan_making(w, maker, maker_pass, [this, threat](const Watch& watch) -> AttackedNetwork& {
                        return tested_.attacked(threat, watch);
                    });
                plan_.add(pass * images(), [this, w, threat, engine, maker](const Watch& watch) {
                    test(w, threat, engine, maker, watch);
                });
            }
        }
    }

    static std::string made_name(const std::string& maker, const Wanted& w, std::int64_t first) {
        return fmt::format("made/{}_{}/{:06}.bin", maker, w.name, first);
    }
    static std::string judged_name(Threat threat, const EngineChoice& engine, const Wanted& w) {
        return fmt::format("tested/{}_{}_{}.json", name_of(threat), engine.name(), w.name);
    }

    /// Whether nobody needs these images any more.
    bool judged_everywhere(const std::string& maker, const Wanted& w) const {
        for (const std::string& name : task_.config.threats) {
            const Threat threat = *value_named<Threat>(name);
            for (const EngineChoice& engine : task_.engines)
                if (tests(threat, engine) && maker_name(threat, engine) == maker &&
                    !store_.find(judged_name(threat, engine, w)))
                    return false;
        }
        return true;
    }

    void make(AttackedNetwork& network, const std::string& maker, const Wanted& w, const Watch& watch) {
        const std::int64_t count = images_.size(0), batch_size = task_.config.batch;
        for (std::int64_t first = 0; first < count; first += batch_size) {
            const std::int64_t size = std::min(batch_size, count - first);
            const std::string name = made_name(maker, w, first);
            const Watch own = [&](const StepState& state) {
                watch({(static_cast<double>(first) + state.done * static_cast<double>(size)) /
                       static_cast<double>(count)});
            };
            own({});
            if (store_.find(name))
                continue;
            const AttackBatch batch = batch_of(first, size);
            network.start();
            Made made{run_attack(w.attack.kind, {network, batch, w.how, task_.seed, own}), {}};
            for (const std::int64_t number : batch.numbers)
                made.queries.push_back(network.queries(number));
            store_.keep(name, bytes_of(made));
        }
    }

    AttackBatch batch_of(std::int64_t first, std::int64_t size) const {
        AttackBatch batch{images_.narrow(0, first, size), labels_.narrow(0, first, size),
                          std::vector<std::int64_t>(static_cast<std::size_t>(size))};
        std::iota(batch.numbers.begin(), batch.numbers.end(), first);
        return batch;
    }

    Made made_images(const std::string& maker, const Wanted& w) const {
        Made all;
        std::vector<torch::Tensor> batches;
        for (std::int64_t first = 0; first < images_.size(0); first += task_.config.batch) {
            const std::string name = made_name(maker, w, first);
            const std::int64_t size = std::min<std::int64_t>(task_.config.batch, images_.size(0) - first);
            const std::optional<std::string> bytes = store_.find(name);
            if (!bytes)
                throw Error(name + ": is missing");
            const Made made = made_from(*bytes, images_.narrow(0, first, size), name);
            batches.push_back(made.images);
            all.queries.insert(all.queries.end(), made.queries.begin(), made.queries.end());
        }
        all.images = torch::cat(batches);
        return all;
    }

    /// Answers of the tested engine, in batches, so that a stop is heard.
    std::vector<int> answers(const EngineChoice& engine, const torch::Tensor& pixels, const Watch& watch) {
        const torch::NoGradGuard no_grad;
        std::vector<int> predictions;
        for (std::int64_t first = 0; first < pixels.size(0); first += task_.config.batch) {
            watch({static_cast<double>(first) / static_cast<double>(pixels.size(0))});
            const std::int64_t size = std::min<std::int64_t>(task_.config.batch, pixels.size(0) - first);
            const torch::Tensor some = pixels.narrow(0, first, size);
            const torch::Tensor logits = engine.kind == EngineKind::software
                                             ? software_.forward(some)
                                             : tested_.network(watch).judged(some, batch_of(first, size).numbers);
            const torch::Tensor largest = logits.argmax(1).contiguous();
            predictions.insert(predictions.end(), largest.data_ptr<std::int64_t>(),
                               largest.data_ptr<std::int64_t>() + size);
        }
        return predictions;
    }

    std::vector<int> predictions_of(const EngineChoice& engine, const Watch& watch) {
        const std::string name = fmt::format("tested/clean_{}.json", engine.name());
        if (const auto known = store_.find(name))
            return Json::parse(*known).get<std::vector<int>>();
        std::vector<int> predictions = answers(engine, images_, watch);
        store_.keep(name, Json(predictions).dump() + "\n");
        return predictions;
    }

    /// What hardware reads of attacked images: pixels of 8 bits, within the ball where the attack has one.
    torch::Tensor as_read(const torch::Tensor& attacked, const Wanted& w) const {
        if (w.how.norm == Norm::linf && traits_of(w.attack.kind).bounded)
            return quantise_to_pixels(attacked, images_, w.how.epsilon);
        torch::Tensor nearest = attacked.mul(255.0).round_().div_(255.0);
        if (w.how.norm == Norm::l2 && traits_of(w.attack.kind).bounded) {
            // Towards the image, where the nearest pixels leave the ball.
            const torch::Tensor change = (attacked - images_).mul(255.0);
            const torch::Tensor shorter = images_ + change.sign() * change.abs().add(1e-3).floor_().div_(255.0);
            take_rows(nearest, shorter, sizes_of(nearest - images_, Norm::l2) > w.how.epsilon + size_tolerance);
        }
        return nearest;
    }

    void test(const Wanted& w, Threat threat, const EngineChoice& engine, const std::string& maker,
              const Watch& watch) {
        const std::string name = judged_name(threat, engine, w);
        std::vector<AttackedImage> images;
        if (const auto known = store_.find(name)) {
            const Json json = Json::parse(*known);
            for (std::size_t i = 0; i < json.at("predictions").size(); ++i)
                images.push_back({json["predictions"][i].get<int>(), json["sizes"][i].get<double>(),
                                  json["queries"][i].get<std::int64_t>()});
        } else {
            const Made made = made_images(maker, w);
            const torch::Tensor read = engine.kind == EngineKind::software ? made.images : as_read(made.images, w);
            const std::vector<int> predictions = answers(engine, read, watch);
            const torch::Tensor sizes = sizes_of(read - images_, w.how.norm).contiguous();
            Json json = {{"predictions", predictions}, {"sizes", Json::array()}, {"queries", made.queries}};
            for (std::size_t i = 0; i < predictions.size(); ++i) {
                images.push_back({predictions[i], static_cast<double>(sizes.data_ptr<float>()[i]), made.queries[i]});
                json["sizes"].push_back(images.back().size);
            }
            keep_sample(w, threat, engine, read, predictions);
            store_.keep(name, json.dump() + "\n");
        }
        take_sample(w, threat, engine);
        add_cells(w, threat, engine, images);
    }

    void add_cells(const Wanted& w, Threat threat, const EngineChoice& engine,
                   const std::vector<AttackedImage>& images) {
        RobustnessCell cell;
        cell.threat = threat;
        cell.engine = engine;
        cell.attack = w.attack;
        cell.how = w.how;
        cell.clean = clean_;
        cell.images = images;
        cell.labels = task_.images.labels;
        if (traits_of(w.attack.kind).bounded) {
            result_.cells.push_back(cell);
            return;
        }
        for (const double epsilon : task_.epsilons()) {
            cell.how.epsilon = epsilon;
            result_.cells.push_back(cell);
        }
    }

    /// Some images that the attack broke, of each threat model and attack on the first engine that it is tested on, with the largest
    /// bound. They are kept before the result is, so that a known result has its sample.
    void keep_sample(const Wanted& w, Threat threat, const EngineChoice& engine, const torch::Tensor& read,
                     const std::vector<int>& predictions) {
        constexpr std::size_t most_images = 8;
        std::vector<std::int64_t> shown;
        for (std::size_t i = 0; i < predictions.size() && shown.size() < most_images; ++i)
            if (clean_[i] == task_.images.labels[i] && predictions[i] != clean_[i])
                shown.push_back(static_cast<std::int64_t>(i));
        if (!takes_sample(w, threat) || shown.empty())
            return;
        const torch::Tensor index = torch::tensor(shown);
        Json json = {{"images", shown},
                     {"pixels", image_set(read.index_select(0, index), labels_.index_select(0, index)).pixels},
                     {"predictions", Json::array()}};
        for (const std::int64_t i : shown)
            json["predictions"].push_back(predictions[static_cast<std::size_t>(i)]);
        store_.keep(sample_name(w, threat, engine), json.dump() + "\n");
    }

    static std::string sample_name(const Wanted& w, Threat threat, const EngineChoice& engine) {
        return fmt::format("tested/sample_{}_{}_{}.json", name_of(threat), engine.name(), w.name);
    }

    bool takes_sample(const Wanted& w, Threat threat) const {
        constexpr std::size_t most_samples = 6;
        const std::vector<double> epsilons = task_.epsilons();
        const bool largest =
            !traits_of(w.attack.kind).bounded || w.how.epsilon == *std::max_element(epsilons.begin(), epsilons.end());
        return largest && result_.samples.size() < most_samples &&
               std::none_of(result_.samples.begin(), result_.samples.end(),
                            [&](const AttackSample& s) { return s.threat == threat && s.attack == w.name; });
    }

    void take_sample(const Wanted& w, Threat threat, const EngineChoice& engine) {
        const auto kept = store_.find(sample_name(w, threat, engine));
        if (!kept || !takes_sample(w, threat))
            return;
        const Json json = Json::parse(*kept);
        AttackSample sample{threat, engine, w.name, {}, {}, json.at("predictions").get<std::vector<int>>()};
        const torch::Tensor index = torch::tensor(json.at("images").get<std::vector<std::int64_t>>());
        sample.attacked = sample.clean = image_set(images_.index_select(0, index), labels_.index_select(0, index));
        sample.attacked.pixels = json.at("pixels").get<std::vector<std::uint8_t>>();
        result_.samples.push_back(std::move(sample));
    }

    void look_for_signs(const std::string& name, const Network& network, const Watch& watch) {
        constexpr std::int64_t most = 64;
        const std::string kept = fmt::format("tested/signs_{}.json", name);
        std::vector<std::string> signs;
        if (const auto known = store_.find(kept)) {
            signs = Json::parse(*known).get<std::vector<std::string>>();
        } else {
            const AttackBatch batch = batch_of(0, std::min(most, images_.size(0)));
            signs = signs_of_masking({network(watch), batch, wanted_.front().how, task_.seed, watch}, name);
            store_.keep(kept, Json(signs).dump() + "\n");
        }
        result_.warnings.insert(result_.warnings.end(), signs.begin(), signs.end());
    }

    const RobustnessTask& task_;
    AttackStore& store_;
    PixelNetwork software_;
    torch::Tensor images_, labels_;
    std::vector<Wanted> wanted_;
    Plan plan_;
    RobustnessResult result_;

    TestedEngine tested_;
    std::vector<int> clean_;  ///< what the tested engine answers to the images as they are
    std::set<EngineKind> looked_at_;
};

}  // namespace

void check_fit(const RobustnessTask& task) {
    for (const std::string& name : task.config.threats) {
        const Threat threat = *value_named<Threat>(name);
        if (std::none_of(task.engines.begin(), task.engines.end(),
                         [&](const EngineChoice& engine) { return tests(threat, engine); }))
            throw KeyError("robustness.threats", fmt::format("{} is {}; evaluation.engines has none for it", name,
                                                             traits_of(threat).purpose));
        for (const NamedAttack& attack : task.config.named_attacks())
            demand_fit(attack.kind, task.attack, traits_of(threat).gradients);
    }
    if (std::none_of(task.engines.begin(), task.engines.end(),
                     [](const EngineChoice& engine) { return engine.kind != EngineKind::software; }))
        return;
    for (const std::string& text : task.config.faults) {
        const NamedFault fault = NamedFault::parse(text);
        if (fault.kind == FaultKind::drift)
            demand_drift(task.hardware);
        else if (fault.kind == FaultKind::memory)
            MemoryFaults(task.integer, task.config.fault_layers,
                         flip_probability(task.config.memory_table, fault.amount), task.config.safe_bits, task.seed);
        else
            matrix_layers(task.integer, task.config.fault_layers);
    }
}

RobustnessResult judge_robustness(const RobustnessTask& task, AttackStore& store, const Watch& watch) {
    use_one_thread();
    check_fit(task);
    return Robustness(task, store).run(watch);
}

}  // namespace xloop
