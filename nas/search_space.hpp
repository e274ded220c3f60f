#pragma once

#include "core/hardware_variants.hpp"
#include "core/workload/network_spec.hpp"
#include "nas/hardware_space.hpp"
#include "nas/optimisers/optimiser.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace xloop {

/// Networks times hardware: a genome has a level for each choice of the network, then for each knob of the hardware, of knobs by
/// layer for each layer that they match. Numbers are in rising order, so that neighbouring levels are alike.
class SearchSpace {
public:
    /// Throws InputError where a pattern matches no layer with a matrix.
    SearchSpace(NetworkSpec network, HardwareSpace knobs, const HardwareConfig& base);

    const NetworkSpec& network() const { return network_; }
    const std::vector<Gene>& genes() const { return genes_; }
    /// Text of each level of a gene.
    const std::vector<std::string>& values(std::size_t gene) const { return places_[gene].values; }
    /// Genomes, those of the same meaning counted each; as a power of ten where that is more than a number holds.
    double log10_size() const;
    /// "216" or "3.2e14".
    std::string size_text() const;
    /// One row for each gene.
    std::string description() const;

    /// With level 0 where a choice has no effect, because the layer that it is for is not there.
    Genome canonical(const Genome& genome) const;
    Genome smallest() const;
    Genome largest() const;

    SubnetPath path(const Genome& genome) const;
    /// The subnet's layers only, as NetworkSpec::path_text has it.
    std::string network_text(const Genome& genome) const;
    /// "adc=6 tile@conv1=small"; "-" without knobs.
    std::string hardware_text(const Genome& genome) const;
    /// What the knobs set: `key=value`, in order.
    std::vector<std::string> assignments(const Genome& genome) const;
    /// Throws InputError where values do not go together.
    const HardwareConfig& hardware(const std::vector<std::string>& assignments) const;
    /// A genome with this network and hardware. Throws InputError.
    Genome parse(const std::string& network_text, const std::string& hardware_text) const;

private:
    struct Place {
        std::vector<std::string> values;
        std::vector<std::string> keys;  ///< of a knob
        std::string layer;              ///< that it is for; empty: the chip
    };
    void add_network();
    void add_knob(const HardwareKnob& knob);
    void add(const std::string& name, Place place);

    NetworkSpec network_;
    std::vector<OpenChoice> open_;
    HardwareVariants variants_;
    HardwareConfig base_;
    std::vector<Gene> genes_;
    std::vector<Place> places_;
    mutable std::map<std::vector<std::string>, HardwareConfig> made_;  ///< the last ones that were asked for
};

}  // namespace xloop
