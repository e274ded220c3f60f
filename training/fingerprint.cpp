#include "training/fingerprint.hpp"

#include "core/digest.hpp"
#include "core/files.hpp"
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

/// What effective weights depend on.
void write_hardware(std::ostream& out, const HardwareConfig& h) {
    const DeviceConfig& d = h.device;
    const auto file = [](const std::string& path) {
        return path.empty() ? std::string("none") : Digest().add(read_file(path)).hex();
    };
    out << "device " << d.r_on_ohm << ' ' << d.r_off_ohm << ' ' << name_of(d.storage) << ' ' << d.bits_per_cell << ' '
        << file(d.level_table) << ' ' << name_of(d.programming_distribution) << ' ' << name_of(d.programming_spread)
        << ' ' << d.programming_sigma << ' ' << d.programming_sigma_off << ' ' << d.programming_sigma_us << ' '
        << d.stuck_on_rate << ' ' << d.stuck_off_rate << ' ' << d.open_rate << ' ' << file(d.fault_map) << ' '
        << d.drift_time_s << ' ' << d.drift_t0_s << ' ' << d.drift_nu << ' ' << d.drift_nu_sigma << ' '
        << d.r_access_ohm << ' ' << d.nonlinearity_per_volt << "\ncrossbar " << h.crossbar.rows << ' '
        << h.crossbar.cols << ' ' << h.crossbar.r_driver_ohm << ' ' << h.crossbar.r_wire_row_ohm << ' '
        << h.crossbar.r_wire_col_ohm << ' ' << h.crossbar.r_sense_ohm << ' ' << h.crossbar.read_voltage_v << ' '
        << name_of(h.crossbar.weights) << ' ' << name_of(h.crossbar.circuit) << ' ' << name_of(h.crossbar.precision)
        << "\nconverters " << h.dac.bits << ' ' << h.adc.gain_sigma << ' ' << h.adc.columns_per_adc << "\nnumerics "
        << h.numerics.activation_bits << ' ' << h.numerics.weight_bits << "\nchip " << h.chip_seed << '\n';
}

}  // namespace

std::string training_fingerprint(const TrainingTask& task) {
    const auto& [spec, images, training, attack, hardware, seed] = task;
    std::ostringstream out;
    out.precision(17);
    out << "xloop supernet 1\nseed " << seed << "\ninput " << spec.input.str() << '\n';
    for (const LayerSpec& layer : spec.layers)
        write_layer(out, layer);
    out << "training " << training.epochs << ' ' << training.batch_size << ' ' << training.learning_rate << ' '
        << training.weight_decay << " period " << training.crossbar_refresh_steps << " crossbar "
        << training.crossbar_aware << '\n';
    if (training.adversarial) {
        const AttackConfig mine = training_attack(training, attack);
        out << "attack " << mine.epsilon << ' ' << mine.step_size << ' ' << mine.steps << ' ' << mine.random_start
            << " after " << training.warmup_epochs << '\n';
    }
    if (training.crossbar_aware)
        write_hardware(out, hardware);
    out << "images " << images.count() << ' ' << std::hex
        << Digest()
               .add(images.pixels.data(), images.pixels.size())
               .add(images.labels.data(), images.labels.size())
               .hex()
        << '\n';
    return out.str();
}

}  // namespace xloop
