#include "analysis/accuracy_table.hpp"

#include "core/error.hpp"
#include "core/names.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <regex>

namespace xloop {

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
    if (varies(&AccuracyCell::epsilon))
        key += fmt::format("_eps{}", cell.epsilon);
    if (varies(&AccuracyCell::chip_seed))
        key += fmt::format("_seed{}", cell.chip_seed);
    return key;
}

std::optional<AccuracyCell> AccuracyTable::cell_of_key(const std::string& key, const AccuracyCell& common) {
    static const std::regex pattern("([a-z]+)_([a-z0-9_]+?)(?:_eps([0-9.]+(?:e-?[0-9]+)?))?(?:_seed([0-9]+))?");
    std::smatch parts;
    const bool matches = std::regex_match(key, parts, pattern);
    const auto engine = matches ? value_named<AccuracyCell::Engine>(parts[1].str()) : std::nullopt;
    if (!engine)
        return std::nullopt;
    AccuracyCell cell = common;
    cell.engine = *engine;
    cell.attack = parts[2];
    cell.epsilon = !cell.attacked() ? 0.0 : parts[3].matched ? std::stod(parts[3]) : common.epsilon;
    cell.chip_seed = cell.engine != AccuracyCell::Engine::chip ? 0
                     : parts[4].matched                        ? std::stoull(parts[4])
                                                               : common.chip_seed;
    return cell;
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
                "accuracy `{}`: expected software, integer or chip, then `_` and clean or an attack's name", key));
        table.add(*cell, value.get<double>());
    }
    return table;
}

}  // namespace xloop
