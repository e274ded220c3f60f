#pragma once

#include "core/confidence.hpp"
#include "core/json.hpp"
#include "core/table.hpp"
#include "core/workload/engine_kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// How many images one engine classifies rightly, as they are or after one attack.
struct AccuracyCell {
    using Engine = EngineKind;
    Engine engine = Engine::software;
    std::uint64_t chip_seed = 0;   ///< of a chip; else 0
    std::string attack = "clean";  ///< in small letters; "clean": none
    double epsilon = 0.0;          ///< of an attack; else 0
    bool recalibrated = false;     ///< of a chip: with biases and factors corrected for it
    std::int64_t correct = 0, total = 0;
    std::int64_t correct_top5 = -1;  ///< whose label is among the five largest logits; below 0: not counted

    bool attacked() const { return attack != "clean"; }
    /// In [0, 1].
    double share() const { return static_cast<double>(correct) / static_cast<double>(total); }
    /// For tables: "software", "int8" or "chip"; "clean" or the attack in capitals.
    std::string engine_title() const;
    std::string attack_title() const;
};

/// The accuracies of one network. In JSON each cell is a key ENGINE_ATTACK ("chip_pgd") with its share as the value;
/// where cells differ in epsilon or seed alone, `_epsE` or `_seedS` follows, after `_recalibrated` where they are that.
class AccuracyTable {
public:
    /// `share` of the cell's total images are right.
    void add(AccuracyCell cell, double share);
    /// With its counts.
    void add(AccuracyCell cell) { cells_.push_back(std::move(cell)); }
    const std::vector<AccuracyCell>& cells() const { return cells_; }
    /// The share of an engine on images as they are, and its lowest one under any attack. Throws Error when it has none.
    double clean(AccuracyCell::Engine engine) const;
    double robust(AccuracyCell::Engine engine) const;

    /// A row for each cell: counts, shares and their intervals.
    Table table() const;
    /// Over the chips of each attack, recalibrated or not: how many, mean, standard deviation from chip to chip (of a sample: n - 1)
    /// and worst share of right images.
    Table chips() const;

    Json json() const;
    /// The reverse; `common` has what keys do not tell: the total, and epsilon and seed where they are alike. Throws
    /// InputError when a key is no cell's, Json::exception when a value is no number.
    static AccuracyTable from_json(const Json& json, const AccuracyCell& common);
    /// The same cell by cell, as a list of objects with all that they are. Throws InputError, which names `file`.
    Json cell_list() const;
    static AccuracyTable from_cell_list(const Json& json, const std::string& file);
    /// The cell of one key, without its counts; none when the key is no cell's.
    static std::optional<AccuracyCell> cell_of_key(const std::string& key, const AccuracyCell& common);

private:
    std::string key_of(const AccuracyCell& cell) const;
    double lowest(AccuracyCell::Engine engine, bool attacked) const;

    std::vector<AccuracyCell> cells_;
};

}  // namespace xloop
