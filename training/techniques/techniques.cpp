#include "training/techniques/technique.hpp"

#include "training/techniques/weight_offsets.hpp"

namespace xloop {

const std::vector<TechniqueKind>& technique_kinds() {
    static const std::vector<TechniqueKind> kinds = {
        {"offsets", asks_for_weight_offsets, make_weight_offsets},
    };
    return kinds;
}

}  // namespace xloop
