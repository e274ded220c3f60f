#include "training/fingerprint.hpp"

#include "core/config/schema.hpp"
#include "core/digest.hpp"

#include <limits>
#include <sstream>
#include <vector>

namespace xloop {
std::string training_fingerprint(const TrainingTask& task) {
    const auto& [spec, images, training, attack, hardware, seed, preprocessing, augmentation, validation, subnets] =
        task;
    std::ostringstream out;
    out.precision(std::numeric_limits<double>::max_digits10);
    out << "xloop training 5\nseed " << seed << "\nsubnets " << subnets << '\n' << network_yaml(spec);
    TrainingConfig settings = training;
    AttackConfig own_attack = training_attack(training, attack);
    HardwareConfig chip = hardware;
    config::Section schema;
    describe(schema.section("training", ""), settings);
    if (training.adversary != AdversaryKind::none)
        describe(schema.section("attack", ""), own_attack);
    if (training.crossbar != CrossbarTraining::none || training.quantise.method != QuantiseTrainingMethod::none ||
        training.sparsity.method == SparsityMethod::dub)
        describe(schema, chip);
    out << config::values_that_affect(config::Affects::weights, schema);
    const auto write_images = [&out](const char* what, const ImageSet& set) {
        Digest digest;
        add_to_digest(digest, set);
        out << what << ' ' << set.count() << ' ' << digest.hex() << '\n';
    };
    write_images("images", images);
    if (validation)
        write_images("validation", *validation);
    out << "preprocessing " << preprocessing.bits;
    for (const auto* values : {&preprocessing.range, &preprocessing.mean, &preprocessing.deviation}) {
        out << " :";
        for (const double value : *values)
            out << ' ' << value;
    }
    out << "\naugmentation " << augmentation.shift << ' ' << augmentation.mirror << '\n';
    return out.str();
}

}  // namespace xloop
