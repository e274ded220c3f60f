#include "nas/search_space.hpp"

#include "core/error.hpp"
#include "core/table.hpp"
#include "core/workload/workload_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

namespace xloop {
namespace {

std::optional<double> number_in(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Numbers in rising order; whether all are numbers.
bool sort_numbers(std::vector<std::string>& values) {
    if (!std::all_of(values.begin(), values.end(), [](const std::string& v) { return number_in(v).has_value(); }))
        return false;
    std::sort(values.begin(), values.end(),
              [](const std::string& a, const std::string& b) { return *number_in(a) < *number_in(b); });
    return true;
}

/// As the rules of a hardware file match layers.
bool matches_any(const std::vector<std::string>& patterns, const std::string& layer) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        LayerRule rule;
        rule.name = pattern;
        return rule.matches(layer);
    });
}

}  // namespace

SearchSpace::SearchSpace(NetworkSpec network, HardwareSpace knobs, const HardwareConfig& base)
    : network_(std::move(network)), open_(network_.open_choices()), variants_(base), base_(base) {
    add_network();
    for (const HardwareKnob& knob : knobs.knobs)
        add_knob(knob);
}

void SearchSpace::add(const std::string& name, Place place) {
    const bool ordered = sort_numbers(place.values);
    genes_.push_back({name, static_cast<int>(place.values.size()), ordered});
    places_.push_back(std::move(place));
}

void SearchSpace::add_network() {
    for (const OpenChoice& choice : open_) {
        Place place;
        for (const int value : choice.values)
            place.values.push_back(std::to_string(value));
        const char* what = choice.of == OpenChoice::Of::width    ? " width"
                           : choice.of == OpenChoice::Of::kernel ? " kernel"
                                                                 : "";
        add(choice.name + what, std::move(place));
    }
}

void SearchSpace::add_knob(const HardwareKnob& knob) {
    if (!knob.by_layer()) {
        add(knob.name, {knob.values, knob.keys, {}});
        return;
    }
    const std::size_t before = genes_.size();
    for (const GraphLayer& layer : build_graph(network_.resolve(network_.largest_path())).layers)
        if (layer.on_crossbars() && matches_any(knob.layers, layer.name)) {
            std::vector<std::string> keys = knob.keys;
            for (std::string& key : keys)
                key.replace(key.find('*'), 1, layer.name);
            add(knob.name + "@" + layer.name, {knob.values, keys, layer.name});
        }
    if (genes_.size() == before)
        throw InputError(fmt::format("knob `{}`: no layer with a matrix of network `{}` matches {}", knob.name,
                                     network_.name, fmt::join(knob.layers, ", ")));
}

double SearchSpace::log10_size() const {
    double sum = 0.0;
    for (const Gene& gene : genes_)
        sum += std::log10(gene.levels);
    return sum;
}

std::string SearchSpace::size_text() const {
    constexpr double exact_digits = 15.0;
    const double log10 = log10_size();
    return log10 < exact_digits ? fmt::format("{:.0f}", std::round(std::pow(10.0, log10)))
                                : fmt::format("1e{:.0f}", log10);
}

std::string SearchSpace::description() const {
    Table table{"choices", {Column("choice", "choice", -30), Column("values", "values", -40)}};
    for (std::size_t g = 0; g < genes_.size(); ++g)
        table.add(genes_[g].name, fmt::format("{}", fmt::join(places_[g].values, " ")));
    return table.text() + fmt::format("{} candidates\n", size_text());
}

SubnetPath SearchSpace::path(const Genome& genome) const {
    SubnetPath path;
    for (std::size_t c = 0; c < open_.size(); ++c)
        path.push_back(std::stoi(places_[c].values[static_cast<std::size_t>(genome[c])]));
    return path;
}

Genome SearchSpace::canonical(const Genome& genome) const {
    const SubnetPath canonical_path = network_.canonical(path(genome));
    std::set<std::string> there;
    for (const LayerSpec& layer : network_.resolve(canonical_path).layers)
        there.insert(layer.name);
    Genome same = genome;
    for (std::size_t g = 0; g < genes_.size(); ++g) {
        if (g < open_.size()) {
            const auto& values = places_[g].values;
            same[g] = static_cast<int>(std::find(values.begin(), values.end(), std::to_string(canonical_path[g])) -
                                       values.begin());
        } else if (!places_[g].layer.empty() && there.count(places_[g].layer) == 0) {
            same[g] = 0;
        }
    }
    return same;
}

Genome SearchSpace::smallest() const {
    Genome genome(genes_.size(), 0);
    const SubnetPath path = network_.smallest_path();
    for (std::size_t c = 0; c < open_.size(); ++c) {
        const auto& values = places_[c].values;
        genome[c] = static_cast<int>(std::find(values.begin(), values.end(), std::to_string(path[c])) - values.begin());
    }
    return canonical(genome);
}

Genome SearchSpace::largest() const {
    Genome genome;
    const SubnetPath path = network_.largest_path();
    for (std::size_t g = 0; g < genes_.size(); ++g) {
        const auto& values = places_[g].values;
        const auto found = g < open_.size() ? std::find(values.begin(), values.end(), std::to_string(path[g]))
                                            : std::prev(values.end());
        genome.push_back(static_cast<int>(found - values.begin()));
    }
    return canonical(genome);
}

std::string SearchSpace::network_text(const Genome& genome) const { return network_.path_text(path(genome)); }

std::string SearchSpace::hardware_text(const Genome& genome) const {
    std::string text;
    for (std::size_t g = open_.size(); g < genes_.size(); ++g)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", genes_[g].name,
                            places_[g].values[static_cast<std::size_t>(genome[g])]);
    return text.empty() ? "-" : text;
}

std::vector<std::string> SearchSpace::assignments(const Genome& genome) const {
    std::set<std::string> there;
    for (const LayerSpec& layer : network_.resolve(path(genome)).layers)
        there.insert(layer.name);
    std::vector<std::string> all;
    for (std::size_t g = open_.size(); g < genes_.size(); ++g)
        if (places_[g].layer.empty() || there.count(places_[g].layer) > 0)
            for (const std::string& key : places_[g].keys)
                all.push_back(key + "=" + places_[g].values[static_cast<std::size_t>(genome[g])]);
    return all;
}

const HardwareConfig& SearchSpace::hardware(const std::vector<std::string>& assignments) const {
    if (assignments.empty())
        return base_;
    const auto found = made_.find(assignments);
    if (found != made_.end())
        return found->second;
    constexpr std::size_t most_kept = 4096;
    if (made_.size() >= most_kept)
        made_.clear();
    return made_.emplace(assignments, variants_.with(assignments)).first->second;
}

Genome SearchSpace::parse(const std::string& network_text, const std::string& hardware_text) const {
    Genome genome(genes_.size(), 0);
    const SubnetPath path = network_.parse_path(network_text);
    for (std::size_t c = 0; c < open_.size(); ++c) {
        const auto& values = places_[c].values;
        genome[c] = static_cast<int>(std::find(values.begin(), values.end(), std::to_string(path[c])) - values.begin());
    }
    std::string rest = hardware_text == "-" ? "" : hardware_text;
    for (std::size_t g = open_.size(); g < genes_.size(); ++g) {
        const std::string begin = genes_[g].name + "=";
        const auto& values = places_[g].values;
        const auto found = std::find_if(values.begin(), values.end(), [&](const std::string& value) {
            const std::string whole = begin + value;
            return rest.compare(0, whole.size(), whole) == 0 &&
                   (rest.size() == whole.size() || rest[whole.size()] == ' ');
        });
        if (found == values.end())
            throw InputError(fmt::format("`{}` is no hardware of this search; expected the form `{}`", hardware_text,
                                         this->hardware_text(largest())));
        genome[g] = static_cast<int>(found - values.begin());
        rest.erase(0, std::min(rest.size(), begin.size() + found->size() + 1));
    }
    if (!rest.empty())
        throw InputError(fmt::format("`{}` is no hardware of this search; expected the form `{}`", hardware_text,
                                     this->hardware_text(largest())));
    return genome;
}

}  // namespace xloop
