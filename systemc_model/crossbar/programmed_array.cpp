#include "systemc_model/crossbar/programmed_array.hpp"

#include "core/workload/digital.hpp"
#include "systemc_model/crossbar/array_model.hpp"
#include "systemc_model/crossbar/clip_bound.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

/// Vectors worked on at a time, so that what lies between the steps stays in the cache.
constexpr int vectors_at_a_time = 64;

ReadPlan make_plan(const HardwareConfig& hardware, const WeightSlicing& slicing, const AdcScale& scale, int outputs) {
    ReadPlan plan;
    plan.input_bits = hardware.numerics.activation_bits;
    plan.dac_bits = hardware.dac.bits;
    plan.fraction_bits = scale.fraction_bits();
    plan.low = scale.low();
    plan.high = scale.high();
    plan.outputs = outputs;
    plan.slices = slicing.slices();
    plan.slice_bits = slicing.slice_bits();
    return plan;
}

std::int16_t fixed_step(double value) {
    return static_cast<std::int16_t>(
        std::clamp<double>(std::round(value), -ReadMatrix::largest_step, ReadMatrix::largest_step));
}

/// What conversion `c` makes of a value of each column: plus less minus.
template <class Row>
double difference(const WeightSlicing& slicing, const Row& columns, int c) {
    const double plus = columns(slicing.plus_column(c));
    return slicing.has_minus() ? plus - columns(slicing.minus_column(c)) : plus;
}

/// The characteristic of a converter that is bent by a parabola, 0 at both ends of the range.
std::int32_t bent(std::int32_t value, const ReadPlan& plan, double bow_lsb) {
    const double one = std::ldexp(1.0, plan.fraction_bits);
    const double x = std::clamp((value / one - plan.low) / (plan.high - plan.low), 0.0, 1.0);
    return value + static_cast<std::int32_t>(std::lround(bow_lsb * one * 4.0 * x * (1.0 - x)));
}

/// Calls work(part, first) for parts of a batch, one after the other.
template <class Work>
void for_each_some(const VectorBatch& batch, const Work& work) {
    for (int first = 0; first < batch.count; first += vectors_at_a_time) {
        VectorBatch some = batch;
        some.inputs += first * batch.stride;
        some.count = std::min(vectors_at_a_time, batch.count - first);
        some.first.position += first * batch.position_step;
        work(some, first);
    }
}

}  // namespace

ProgrammedArray::ProgrammedArray(const ArrayContents& contents, const HardwareConfig& hardware,
                                 const DeviceModel& device, double adc_range_levels)
    : rows_(contents.rows), volt_per_step_(hardware.crossbar.read_voltage_v / ((1 << hardware.dac.bits) - 1)),
      level_step_(device.levels().step()), slicing_(hardware, contents.outputs, contents.polarity),
      scale_(hardware, device.levels(), adc_range_levels), adcs_(adc_errors(hardware, slicing_, contents.id)),
      plan_(make_plan(hardware, slicing_, scale_, contents.outputs)),
      to_weights_(Rescale::from_real(scale_.step_levels())), physical_rows_(hardware.crossbar.rows),
      sign_(contents.polarity == Polarity::negative ? -1 : 1) {
    AnalogArray analog(analog_model(hardware, device));
    analog.program(device.program(slicing_.levels(contents.weights, rows_, contents.stride), contents.id),
                   secant_calibration(hardware, rows_));
    const std::vector<double> levels = column_levels(analog.effective());

    for (int r = 0; r < rows_; ++r)
        row_conductance_ns_.push_back(static_cast<std::uint64_t>(std::llround(1e9 * analog.effective().row(r).sum())));

    std::vector<std::int16_t> steps(levels.size());
    effective_.assign(static_cast<std::size_t>(outputs()) * rows_, static_cast<float>(-slicing_.offset()));
    for (int r = 0; r < rows_; ++r)
        for (int c = 0; c < conversions(); ++c) {
            const auto at = static_cast<std::size_t>(r) * conversions() + c;
            steps[at] = fixed_step(scale_.fixed_point(levels[at]));
            effective_[static_cast<std::size_t>(c % outputs()) * rows_ + r] +=
                static_cast<float>(sign_ * levels[at] * slicing_.slice_weight(c));
        }

    ReadDisturbance::Setting disturbance;
    disturbance.adc_sigma = hardware.adc.noise_sigma_lsb;
    if (hardware.adc.offset_sigma_lsb > 0.0)
        for (const AdcErrors& adc : adcs_)
            disturbance.offsets.push_back(
                static_cast<std::int32_t>(std::lround(std::ldexp(adc.offset_lsb, plan_.fraction_bits))));
    disturbance.cells = refer_read_noise(analog, device, slicing_, adcs_, rows_, scale_.fixed_point(1.0));
    may_clip_ = solves_each_read(analog.model()) || may_clip(plan_, steps, disturbance, adcs_);
    if (!ReadDisturbance::idle(disturbance))
        disturbance_.emplace(std::move(disturbance), plan_, hardware.chip_seed, contents.id);

    if (solves_each_read(analog.model()))
        analog_.emplace(std::move(analog));
    else
        matrix_.emplace(steps.data(), rows_, conversions());
    bends_ = hardware.adc.inl_sigma_lsb > 0.0;
    stride_ = matrix_ ? matrix_->stride() : conversions();
}

/// G_eff per row and conversion, in level steps, the converters' gains included; [row][conversion].
std::vector<double> ProgrammedArray::column_levels(const Eigen::MatrixXd& g_eff) const {
    std::vector<double> levels(static_cast<std::size_t>(rows_) * conversions());
    for (int r = 0; r < rows_; ++r)
        for (int c = 0; c < conversions(); ++c)
            levels[static_cast<std::size_t>(r) * conversions() + c] =
                difference(slicing_, g_eff.row(r), c) / level_step_ * adcs_[c].gain;
    return levels;
}

std::uint64_t ProgrammedArray::driven_conductance_ns(const std::uint8_t* inputs, const DriveTable& drive) const {
    std::uint64_t sum = 0;
    for (std::size_t r = 0; r < row_conductance_ns_.size(); ++r)
        sum += row_conductance_ns_[r] * drive.squares[inputs[r]];
    return sum;
}

/// Solves the circuit for each read of the batch.
void ProgrammedArray::solve_reads(const VectorBatch& batch, std::int32_t* lines) const {
    Eigen::MatrixXd volts = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(batch.count) * reads(), physical_rows_);
    for (int v = 0; v < batch.count; ++v)
        for (int t = 0; t < reads(); ++t)
            for (int r = 0; r < rows_; ++r)
                volts(v * reads() + t, r) = volt_per_step_ * plan_.digit(batch.inputs[v * batch.stride + r], t);
    const Eigen::MatrixXd amperes = analog_->currents(volts);
    const double levels_per_ampere = 1.0 / (volt_per_step_ * level_step_);
    for (Eigen::Index line = 0; line < amperes.rows(); ++line)
        for (int c = 0; c < conversions(); ++c) {
            const double ampere = difference(slicing_, amperes.row(line), c);
            const double fixed = scale_.fixed_point(ampere * levels_per_ampere * adcs_[c].gain);
            lines[line * stride_ + c] = static_cast<std::int32_t>(std::lround(fixed));
        }
}

void ProgrammedArray::sums_before_adc(const VectorBatch& batch, std::int32_t* lines) const {
    if (matrix_)
        partial_sums(*matrix_, plan_, {batch.inputs, batch.stride, batch.count}, lines, best_read_isa());
    else
        solve_reads(batch, lines);
}

/// Noise and offsets, then the bend of each converter's characteristic.
void ProgrammedArray::disturb(const VectorBatch& batch, std::int32_t* lines) const {
    ReadAddress address = batch.first;
    for (int v = 0; disturbance_ && v < batch.count; ++v, address.position += batch.position_step)
        disturbance_->add(batch.inputs + v * batch.stride, rows_, address, stride_,
                          lines + static_cast<std::ptrdiff_t>(v) * reads() * stride_);
    if (bends_)
        for (std::ptrdiff_t line = 0; line < static_cast<std::ptrdiff_t>(batch.count) * reads(); ++line)
            for (int c = 0; c < conversions(); ++c)
                lines[line * stride_ + c] = bent(lines[line * stride_ + c], plan_, adcs_[c].bow_lsb);
}

void ProgrammedArray::multiply_together(const std::vector<Target>& targets, const VectorBatch& batch,
                                        std::ptrdiff_t sums_stride) {
    thread_local std::vector<std::vector<std::int32_t>> raw, lines;
    raw.resize(std::max(raw.size(), targets.size()));
    lines.resize(std::max(lines.size(), targets.size()));
    thread_local std::vector<ReadTask> tasks;
    for_each_some(batch, [&](const VectorBatch& some, std::ptrdiff_t first) {
        tasks.clear();
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const ProgrammedArray& array = *targets[i].array;
            if (!array.fused(targets[i].clipped))
                continue;
            if (array.disturbance_) {
                lines[i].assign(static_cast<std::size_t>(some.count) * array.reads() * array.stride_, 0);
                array.disturb(some, lines[i].data());
            }
            raw[i].resize(static_cast<std::size_t>(some.count) * array.outputs());
            tasks.push_back(
                {&*array.matrix_, &array.plan_, array.disturbance_ ? lines[i].data() : nullptr, raw[i].data()});
        }
        xloop::multiply(tasks, {some.inputs, some.stride, some.count}, best_read_isa());
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const ProgrammedArray& array = *targets[i].array;
            std::int32_t* sums = targets[i].sums + first * sums_stride;
            std::uint16_t* clipped = targets[i].clipped ? targets[i].clipped + first * array.outputs() : nullptr;
            if (!array.fused(clipped)) {
                array.multiply_step_by_step(some, sums, sums_stride, clipped);
                continue;
            }
            array.finish(some, raw[i].data(), sums, sums_stride);
            if (clipped)
                std::fill_n(clipped, static_cast<std::ptrdiff_t>(some.count) * array.outputs(), std::uint16_t{0});
        }
    });
}

/// Sums, disturbance, ADC and shift-and-add one after the other.
void ProgrammedArray::multiply_step_by_step(const VectorBatch& batch, std::int32_t* sums, std::ptrdiff_t sums_stride,
                                            std::uint16_t* clipped) const {
    thread_local std::vector<std::int32_t> lines, raw;
    lines.resize(static_cast<std::size_t>(batch.count) * reads() * stride_);
    raw.resize(static_cast<std::size_t>(batch.count) * outputs());
    sums_before_adc(batch, lines.data());
    disturb(batch, lines.data());
    convert_and_add(plan_, stride_, batch.count, lines.data(), raw.data(), clipped);
    finish(batch, raw.data(), sums, sums_stride);
}

void ProgrammedArray::multiply(const VectorBatch& batch, std::int32_t* sums, std::ptrdiff_t sums_stride,
                               std::uint16_t* clipped) const {
    thread_local std::vector<Target> alone(1);
    alone.front() = {this, sums, clipped};
    multiply_together(alone, batch, sums_stride);
}

void ProgrammedArray::convert(const std::uint8_t* inputs, const ReadAddress& address, std::int32_t* codes) const {
    convert_raw(inputs, address, codes);
}

void ProgrammedArray::convert_and_multiply(const std::uint8_t* inputs, const ReadAddress& address, std::int32_t* codes,
                                           std::int32_t* sums) const {
    finish(inputs, convert_raw(inputs, address, codes), sums);
}

const std::int32_t* ProgrammedArray::convert_raw(const std::uint8_t* inputs, const ReadAddress& address,
                                                 std::int32_t* codes) const {
    thread_local std::vector<std::int32_t> lines, raw;
    lines.assign(static_cast<std::size_t>(reads()) * stride_, 0);
    raw.resize(static_cast<std::size_t>(outputs()));
    const VectorBatch one{inputs, rows_, 1, address};
    sums_before_adc(one, lines.data());
    disturb(one, lines.data());
    convert_and_add(plan_, stride_, 1, lines.data(), raw.data(), nullptr);
    for (int t = 0; t < reads(); ++t)
        std::copy_n(lines.begin() + static_cast<std::ptrdiff_t>(t) * stride_, conversions(), codes + t * conversions());
    return raw.data();
}

void ProgrammedArray::shift_add(const std::int32_t* codes, int read, std::int32_t* raw) const {
    for (int c = 0; c < conversions(); ++c)
        raw[c % outputs()] += shifted(codes[c], c, read);
}

void ProgrammedArray::finish(const VectorBatch& batch, const std::int32_t* raw, std::int32_t* sums,
                             std::ptrdiff_t sums_stride) const {
    for (std::ptrdiff_t v = 0; v < batch.count; ++v)
        finish(batch.inputs + v * batch.stride, raw + v * outputs(), sums + v * sums_stride);
}

void ProgrammedArray::finish(const std::uint8_t* inputs, const std::int32_t* raw, std::int32_t* sums) const {
    std::int32_t base = 0;
    if (slicing_.offset() != 0)
        for (int r = 0; r < rows_; ++r)
            base += slicing_.offset() * inputs[r];
    for (int o = 0; o < outputs(); ++o)
        sums[o] += sign_ * static_cast<std::int32_t>(rescale(raw[o], to_weights_)) - base;
}

std::vector<float> ProgrammedArray::analog_levels(const std::uint8_t* inputs, std::ptrdiff_t stride,
                                                  int vectors) const {
    std::vector<std::int32_t> lines(static_cast<std::size_t>(vectors) * reads() * stride_, 0);
    sums_before_adc({inputs, stride, vectors, 0, 0}, lines.data());
    std::vector<float> levels;
    levels.reserve(static_cast<std::size_t>(vectors) * reads() * conversions());
    for (std::size_t line = 0; line * stride_ < lines.size(); ++line)
        for (int c = 0; c < conversions(); ++c)
            levels.push_back(static_cast<float>(lines[line * stride_ + c] / scale_.fixed_point(1.0)));
    return levels;
}

}  // namespace xloop
