#include "attacks/robustness.hpp"

#include "core/confidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace xloop {
namespace {

std::string with_interval(std::int64_t count, std::int64_t total) {
    const auto [low, high] = confidence(count, total);
    return fmt::format("{:.1f} % ({:.1f} to {:.1f})", 100.0 * static_cast<double>(count) / static_cast<double>(total),
                       100.0 * low, 100.0 * high);
}

}  // namespace

Table robustness_table(const std::vector<RobustnessCell>& cells) {
    Table table{"robustness",
                {{"threat", "threat", -12},
                 {"engine", ""},
                 {"chip_seed", ""},
                 {"recalibrated", ""},
                 {"faults", ""},
                 {"", "tested", -24, 2},
                 {"attack", ""},
                 {"", "attack", -12, 2},
                 {"norm", "norm", -4, 2},
                 {"epsilon", "epsilon", 7, 2, "{:.4g}"},
                 {"steps", ""},
                 {"restarts", ""},
                 {"draws", ""},
                 {"total", "images", 6, 2},
                 {"clean", ""},
                 {"", "clean", 22, 2},
                 {"robust", ""},
                 {"", "robust", 22, 2},
                 {"adversarial_loss", "loss", 7, 2, "{:.1f} %", 100},
                 {"perturbation", "change", 7, 2, "{:.4g}"},
                 {"queries", "queries", 7, 2, "{:.0f}"}}};
    for (const char* key : {"clean_share", "clean_low", "clean_high", "robust_share", "robust_low", "robust_high"})
        table.columns.emplace_back(key, "");
    for (const RobustnessCell& cell : cells) {
        const auto total = static_cast<std::int64_t>(cell.images.size());
        const std::int64_t clean = cell.clean_count(), robust = cell.robust_count();
        const auto share = [&](std::int64_t count) { return static_cast<double>(count) / static_cast<double>(total); };
        const auto [clean_low, clean_high] = confidence(clean, total);
        const auto [robust_low, robust_high] = confidence(robust, total);
        const bool steps = traits_of(cell.attack.kind).steps_title != nullptr;
        table.add(name_of(cell.threat), name_of(cell.engine.kind),
                  cell.engine.kind == EngineKind::chip ? Json(cell.engine.chip_seed) : Json(), cell.engine.recalibrated,
                  cell.engine.faults, cell.engine.name(), name_of(cell.attack.kind), cell.attack.str(),
                  name_of(cell.how.norm), cell.how.epsilon, steps ? Json(cell.how.steps) : Json(), cell.how.restarts,
                  cell.how.draws, total, clean, with_interval(clean, total), robust, with_interval(robust, total),
                  share(clean) - share(robust), cell.perturbation(), cell.queries(), share(clean), clean_low,
                  clean_high, share(robust), robust_low, robust_high);
    }
    return table;
}

Table robustness_of_chips(const std::vector<RobustnessCell>& cells) {
    using Key = std::tuple<std::string, std::string, std::string, std::string, double>;
    std::map<Key, std::vector<const RobustnessCell*>> groups;
    std::vector<Key> order;
    for (const RobustnessCell& cell : cells)
        if (cell.engine.kind == EngineKind::chip) {
            EngineChoice any_chip = cell.engine;
            any_chip.chip_seed = 0;
            const Key key{name_of(cell.threat), any_chip.name(), cell.attack.str(), name_of(cell.how.norm),
                          cell.how.epsilon};
            if (groups.find(key) == groups.end())
                order.push_back(key);
            groups[key].push_back(&cell);
        }
    Table table{"chips",
                {{"threat", "threat", -12},
                 {"recalibrated", "recalibrated", -12, 2},
                 {"faults", "faults", -8, 2},
                 {"attack", "attack", -12, 2},
                 {"norm", "norm", -4, 2},
                 {"epsilon", "epsilon", 7, 2, "{:.4g}"},
                 {"chips", "chips", 5, 2},
                 {"clean_mean", "clean", 8, 2, "{:.2f} %", 100},
                 {"clean_deviation", "+-", 7, 2, "{:.2f}", 100},
                 {"robust_mean", "robust", 8, 2, "{:.2f} %", 100},
                 {"robust_deviation", "+-", 7, 2, "{:.2f}", 100},
                 {"robust_worst", "worst", 8, 2, "{:.2f} %", 100}}};
    for (const Key& key : order) {
        const auto& group = groups[key];
        const auto statistics = [&](auto count) {
            double sum = 0.0, squares = 0.0, worst = 1.0;
            for (const RobustnessCell* cell : group) {
                const double share = static_cast<double>(count(*cell)) / static_cast<double>(cell->images.size());
                sum += share;
                squares += share * share;
                worst = std::min(worst, share);
            }
            const auto n = static_cast<double>(group.size());
            const double mean = sum / n;
            const double deviation = n > 1.0 ? std::sqrt(std::max(0.0, (squares - n * mean * mean) / (n - 1.0)))
                                             : std::numeric_limits<double>::quiet_NaN();
            return std::tuple(mean, deviation, worst);
        };
        const auto [clean, clean_deviation, clean_worst] =
            statistics([](const RobustnessCell& c) { return c.clean_count(); });
        const auto [robust, robust_deviation, robust_worst] =
            statistics([](const RobustnessCell& c) { return c.robust_count(); });
        const EngineChoice& engine = group.front()->engine;
        table.add(std::get<0>(key), engine.recalibrated, engine.faults, std::get<2>(key), std::get<3>(key),
                  std::get<4>(key), group.size(), clean, clean_deviation, robust, robust_deviation, robust_worst);
    }
    return table;
}

std::string per_image_csv(const std::vector<RobustnessCell>& cells) {
    std::string text =
        "image,label,clean,robust,clean_prediction,prediction,perturbation,queries,threat,engine,chip_seed,"
        "recalibrated,attack,norm,epsilon\n";
    for (const RobustnessCell& cell : cells)
        for (std::size_t i = 0; i < cell.images.size(); ++i) {
            const AttackedImage& image = cell.images[i];
            text += fmt::format("{},{},{},{},{},{},{:.9g},{},{},{},{},{},{},{},{:.9g}\n", i, cell.labels[i],
                                cell.clean_right(i) ? 1 : 0, cell.robust(i) ? 1 : 0, cell.clean[i], image.prediction,
                                image.size, image.queries, name_of(cell.threat), name_of(cell.engine.kind),
                                cell.engine.kind == EngineKind::chip ? std::to_string(cell.engine.chip_seed) : "",
                                cell.engine.recalibrated ? 1 : 0, cell.attack.str(), name_of(cell.how.norm),
                                cell.how.epsilon);
        }
    return text;
}

}  // namespace xloop
