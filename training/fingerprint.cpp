#include "training/fingerprint.hpp"

#include "core/config/schema.hpp"
#include "core/digest.hpp"
#include "core/names.hpp"

#include <limits>
#include <ostream>
#include <sstream>
#include <vector>

namespace xloop {
namespace {

void write_layer(std::ostream& out, const LayerSpec& l) {
    out << "layer " << l.name << ' ' << name_of(l.kind) << " inputs";
    for (const std::string& input : l.inputs)
        out << ' ' << input;
    const auto list = [&out](const char* key, const std::vector<int>& values) {
        out << ' ' << key;
        for (int v : values)
            out << ' ' << v;
    };
    list("widths", l.out_channels);
    list("kernels", l.kernel);
    if (!l.kernel_hw.empty())
        list("kernel_hw", l.kernel_hw);
    list("stride", l.stride);
    if (l.dilation != std::vector<int>{1})
        list("dilation", l.dilation);
    list("padding", l.padding);
    out << " groups " << l.groups << " bn " << l.batch_norm << " activation " << name_of(l.activation) << '\n';
}

}  // namespace

std::string training_fingerprint(const TrainingTask& task) {
    const auto& [spec, images, training, attack, hardware, seed, preprocessing, augmentation, validation] = task;
    std::ostringstream out;
    out.precision(std::numeric_limits<double>::max_digits10);
    out << "xloop training 4\nseed " << seed << "\ninput " << spec.input.str() << '\n';
    for (const LayerSpec& layer : spec.layers)
        write_layer(out, layer);
    for (const std::string& output : spec.outputs)
        out << "output " << output << '\n';
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
