#include "analysis/accuracy_table.hpp"

#include "analysis/json_fields.hpp"
#include "core/error.hpp"
#include "core/names.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <regex>
#include <tuple>

namespace xloop {
namespace {

template <class Io, class Cell>
void cell_fields(Io& io, Cell& cell) {
    std::string engine = name_of(cell.engine);
    io("engine", engine);
    if constexpr (Io::reads) {
        const auto kind = value_named<EngineKind>(engine);
        if (!kind)
            throw InputError("`" + engine + "` is no engine");
        cell.engine = *kind;
    }
    io("chip_seed", cell.chip_seed);
    io("attack", cell.attack);
    io("epsilon", cell.epsilon);
    io("recalibrated", cell.recalibrated);
    io("correct", cell.correct);
    io("total", cell.total);
}

}  // namespace

std::string AccuracyCell::engine_title() const { return engine == Engine::integer ? "int8" : name_of(engine); }

std::string AccuracyCell::attack_title() const {
    std::string title = attack;
    if (attacked())
        std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
    return title;
}

void AccuracyTable::add(AccuracyCell cell, double share) {
    cell.correct = std::llround(share * static_cast<double>(cell.total));
    cells_.push_back(std::move(cell));
}

double AccuracyTable::clean(AccuracyCell::Engine engine) const { return lowest(engine, false); }
double AccuracyTable::robust(AccuracyCell::Engine engine) const { return lowest(engine, true); }

double AccuracyTable::lowest(AccuracyCell::Engine engine, bool attacked) const {
    double share = std::numeric_limits<double>::infinity();
    for (const AccuracyCell& cell : cells_)
        if (cell.engine == engine && cell.attacked() == attacked)
            share = std::min(share, cell.share());
    if (!std::isfinite(share))
        throw Error(fmt::format("the accuracy of `{}` {} is not known", name_of(engine),
                                attacked ? "under an attack" : "without an attack"));
    return share;
}

std::string AccuracyTable::key_of(const AccuracyCell& cell) const {
    const auto varies = [&](auto member) {
        return std::any_of(cells_.begin(), cells_.end(), [&](const AccuracyCell& other) {
            return other.engine == cell.engine && other.attack == cell.attack && other.*member != cell.*member;
        });
    };
    std::string key = fmt::format("{}_{}", name_of(cell.engine), cell.attack);
    if (cell.recalibrated)
        key += "_recalibrated";
    if (varies(&AccuracyCell::epsilon))
        key += fmt::format("_eps{}", cell.epsilon);
    if (varies(&AccuracyCell::chip_seed))
        key += fmt::format("_seed{}", cell.chip_seed);
    return key;
}

std::optional<AccuracyCell> AccuracyTable::cell_of_key(const std::string& key, const AccuracyCell& common) {
    static const std::regex pattern(
        "(software|integer|ideal_chip|chip)_([a-z0-9_]+?)(_recalibrated)?(?:_eps([0-9.]+(?:e-?[0-9]+)?))?"
        "(?:_seed([0-9]+))?");
    std::smatch parts;
    const bool matches = std::regex_match(key, parts, pattern);
    const auto engine = matches ? value_named<AccuracyCell::Engine>(parts[1].str()) : std::nullopt;
    if (!engine)
        return std::nullopt;
    AccuracyCell cell = common;
    cell.engine = *engine;
    cell.attack = parts[2];
    cell.recalibrated = parts[3].matched;
    cell.epsilon = !cell.attacked() ? 0.0 : parts[4].matched ? std::stod(parts[4]) : common.epsilon;
    cell.chip_seed = cell.engine != AccuracyCell::Engine::chip ? 0
                     : parts[5].matched                        ? std::stoull(parts[5])
                                                               : common.chip_seed;
    return cell;
}

Table AccuracyTable::table() const {
    const std::string percent = "{:.2f} %";
    Table table{"accuracy",
                {{"engine", "engine", -12},
                 {"recalibrated", ""},
                 {"chip_seed", "chip", 6},
                 {"", "", -13, 1},
                 {"attack", ""},
                 {"epsilon", ""},
                 {"correct", "right", 7, 2},
                 {"images", "of", 7, 1},
                 {"top1", "top 1", 8, 2, percent, 100},
                 {"top1_low", "95 % from", 9, 2, percent, 100},
                 {"top1_high", "to", 8, 2, percent, 100},
                 {"correct_top5", ""},
                 {"top5", "top 5", 8, 2, percent, 100},
                 {"top5_low", "95 % from", 9, 2, percent, 100},
                 {"top5_high", "to", 8, 2, percent, 100}}};
    for (const AccuracyCell& cell : cells_) {
        const auto [low, high] = confidence(cell.correct, cell.total);
        std::vector<Json> row = {name_of(cell.engine), cell.recalibrated};
        row.push_back(cell.engine == AccuracyCell::Engine::chip ? Json(cell.chip_seed) : Json());
        const std::string attack = cell.attacked() ? cell.attack_title() : "";
        row.push_back(cell.recalibrated ? "recalibrated" + (attack.empty() ? "" : ", " + attack) : attack);
        for (Json value : {Json(cell.attack), Json(cell.epsilon), Json(cell.correct), Json(cell.total),
                           Json(cell.share()), Json(low), Json(high)})
            row.push_back(std::move(value));
        if (cell.correct_top5 < 0) {
            row.resize(row.size() + 4);
        } else {
            const auto [low5, high5] = confidence(cell.correct_top5, cell.total);
            const double share = static_cast<double>(cell.correct_top5) / static_cast<double>(cell.total);
            for (Json value : {Json(cell.correct_top5), Json(share), Json(low5), Json(high5)})
                row.push_back(std::move(value));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table AccuracyTable::chips() const {
    const std::string percent = "{:.2f} %";
    Table table{"chips",
                {{"chips", "chips", 5},
                 {"recalibrated", "recalibrated", -12, 2},
                 {"attack", "attack", -6, 2},
                 {"epsilon", ""},
                 {"mean", "mean", 8, 2, percent, 100},
                 {"deviation", "deviation", 9, 2, percent, 100},
                 {"worst", "worst", 8, 2, percent, 100},
                 {"worst_seed", "of chip", 7, 2}}};
    std::map<std::tuple<std::string, double, bool>, std::vector<const AccuracyCell*>> groups;
    for (const AccuracyCell& cell : cells_)
        if (cell.engine == AccuracyCell::Engine::chip)
            groups[{cell.attack, cell.epsilon, cell.recalibrated}].push_back(&cell);
    for (const auto& [key, chips] : groups) {
        const auto count = static_cast<double>(chips.size());
        double mean = 0.0, squares = 0.0;
        for (const AccuracyCell* chip : chips)
            mean += chip->share() / count;
        for (const AccuracyCell* chip : chips)
            squares += (chip->share() - mean) * (chip->share() - mean);
        const AccuracyCell& worst =
            **std::min_element(chips.begin(), chips.end(),
                               [](const AccuracyCell* a, const AccuracyCell* b) { return a->correct < b->correct; });
        table.add(chips.size(), std::get<2>(key), std::get<0>(key), std::get<1>(key), mean,
                  chips.size() > 1 ? Json(std::sqrt(squares / (count - 1.0))) : Json(), worst.share(), worst.chip_seed);
    }
    return table;
}

Json AccuracyTable::json() const {
    Json json;
    for (const AccuracyCell& cell : cells_)
        json[key_of(cell)] = cell.share();
    return json;
}

AccuracyTable AccuracyTable::from_json(const Json& json, const AccuracyCell& common) {
    AccuracyTable table;
    for (const auto& [key, value] : json.items()) {
        const auto cell = cell_of_key(key, common);
        if (!cell)
            throw InputError(fmt::format(
                "accuracy `{}`: expected software, integer, ideal_chip or chip, then `_` and clean or an attack's name",
                key));
        table.add(*cell, value.get<double>());
    }
    return table;
}

Json AccuracyTable::cell_list() const {
    Json json = Json::array();
    for (const AccuracyCell& cell : cells_) {
        JsonWriter writer(json.emplace_back());
        cell_fields(writer, cell);
    }
    return json;
}

AccuracyTable AccuracyTable::from_cell_list(const Json& json, const std::string& file) {
    AccuracyTable table;
    for (const Json& item : json) {
        AccuracyCell cell;
        JsonReader reader(item, file);
        cell_fields(reader, cell);
        table.add(std::move(cell));
    }
    return table;
}

}  // namespace xloop
