#include "training/techniques/technique.hpp"

#include "training/techniques/crossbar.hpp"

namespace xloop {

const std::vector<TechniqueKind>& technique_kinds() {
    static const std::vector<TechniqueKind> kinds = {
        {"offsets", sees<CrossbarTraining::offsets>, make_weight_offsets},
        {"arrays", sees<CrossbarTraining::arrays>, make_array_training},
        {"output_noise", sees<CrossbarTraining::output_noise>, make_output_noise},
        {"weight_noise", sees<CrossbarTraining::weight_noise>, make_weight_noise},
    };
    return kinds;
}

}  // namespace xloop
