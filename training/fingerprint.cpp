#include "training/fingerprint.hpp"

#include "core/config/schema.hpp"
#include "core/digest.hpp"
#include "core/names.hpp"

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
    const auto& [spec, images, training, attack, hardware, seed] = task;
    std::ostringstream out;
    out << "xloop supernet 3\nseed " << seed << "\ninput " << spec.input.str() << '\n';
    for (const LayerSpec& layer : spec.layers)
        write_layer(out, layer);
    for (const std::string& output : spec.outputs)
        out << "output " << output << '\n';
    TrainingConfig settings = training;
    AttackConfig own_attack = training_attack(training, attack);
    HardwareConfig chip = hardware;
    config::Section schema;
    describe(schema.section("training", ""), settings);
    if (training.adversarial)
        describe(schema.section("attack", ""), own_attack);
    if (training.crossbar_aware)
        describe(schema, chip);
    out << config::values_that_affect(config::Affects::weights, schema);
    Digest digest;
    add_to_digest(digest, images);
    out << "images " << images.count() << ' ' << digest.hex() << '\n';
    return out.str();
}

}  // namespace xloop
