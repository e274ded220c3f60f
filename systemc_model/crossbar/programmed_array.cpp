#include "systemc_model/crossbar/programmed_array.hpp"

#include "core/workload/digital.hpp"
#include "systemc_model/crossbar/array_model.hpp"
#include "systemc_model/crossbar/clip_bound.hpp"
#include "systemc_model/crossbar/reads/read_choice.hpp"
#include "systemc_model/crossbar/spare_columns.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace xloop {
namespace {

/// Vectors worked on at a time, so that what lies between the steps stays in the cache.
constexpr int vectors_at_a_time = 64;

ReadPlan make_plan(const HardwareConfig& hardware, const WeightSlicing& slicing, const AdcScale& scale, int outputs,
                   int rows) {
    ReadPlan plan;
    plan.input_bits = hardware.numerics.activation_bits;
    plan.dac_bits = hardware.dac.bits;
    plan.fraction_bits = scale.fraction_bits();
    plan.low = scale.low();
    plan.high = scale.high();
    plan.outputs = outputs;
    plan.slices = slicing.slices();
    plan.slice_bits = slicing.slice_bits();
    plan.row_groups = hardware.read_groups(rows);
    return plan;
}

/// The nearest integer, halves away from 0, without the call that std::round is on some processors.
std::int16_t fixed_step(double value) {
    constexpr double largest = ReadMatrix::largest_step;
    const double bounded = std::clamp(value, -largest, largest);
    const int whole = static_cast<int>(bounded);
    const double rest = bounded - whole;
    return static_cast<std::int16_t>(whole + (rest >= 0.5) - (rest <= -0.5));
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

template <class T>
void add_to(T* sums, const T* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        sums[i] = static_cast<T>(sums[i] + values[i]);
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
      level_step_(device.levels().step()), slicing_(place_weights(contents, hardware, device)),
      scale_(hardware, device.levels(), adc_range_levels), adcs_(adc_errors(hardware, slicing_, contents.id)),
      plan_(make_plan(hardware, slicing_, scale_, contents.outputs, contents.rows)),
      to_weights_(Rescale::from_real(scale_.step_levels() * slicing_.level_weight())),
      physical_rows_(hardware.crossbar.rows), sign_(contents.polarity == Polarity::negative ? -1 : 1) {
    AnalogArray analog(analog_model(hardware, device));
    const LevelMatrix targets = slicing_.levels(contents.weights, rows_, contents.stride);
    analog.program(device.program(targets, contents.id), secant_calibration(hardware, rows_));
    const std::vector<double> levels = column_levels(analog.effective());

    Eigen::VectorXd row_sums = Eigen::VectorXd::Zero(rows_);
    for (const auto& column : analog.effective().colwise())
        row_sums += column.head(rows_);
    for (const double siemens : row_sums)
        row_conductance_ns_.push_back(static_cast<std::uint64_t>(std::llround(1e9 * siemens)));

    std::vector<std::int16_t> steps(levels.size());
    effective_.resize(static_cast<std::size_t>(outputs()) * rows_);
    for (int o = 0; slicing_.offset() != 0 && o < outputs(); ++o)
        for (int r = 0; r < rows_; ++r)
            effective_[static_cast<std::size_t>(o) * rows_ + r] = static_cast<float>(-slicing_.offset(o, r, rows_));
    for (std::size_t at = 0; at < levels.size(); ++at)
        steps[at] = fixed_step(scale_.fixed_point(levels[at]));
    for (int c = 0; c < conversions(); ++c) {
        float* const of_output = &effective_[static_cast<std::size_t>(c % outputs()) * rows_];
        const int slice_weight = slicing_.slice_weight(c), level_weight = slicing_.level_weight();
        for (int r = 0; r < rows_; ++r)
            of_output[r] += static_cast<float>(sign_ * levels[static_cast<std::size_t>(r) * conversions() + c] *
                                               slice_weight * level_weight);
    }

    std::vector<std::int32_t> offsets;
    if (hardware.adc.offset_sigma_lsb > 0.0)
        for (const AdcErrors& adc : adcs_)
            offsets.push_back(static_cast<std::int32_t>(std::lround(std::ldexp(adc.offset_lsb, plan_.fraction_bits))));
    const int rows_at_once = hardware.crossbar.rows_at_once();
    std::vector<ReadNoise> noise =
        refer_read_noise(analog, device, slicing_, adcs_, rows_, rows_at_once, scale_.fixed_point(1.0));
    may_clip_ = solves_each_read(analog.model());
    for (int g = 0; g < row_groups(); ++g) {
        const int begin = g * rows_at_once;
        const std::int16_t* first = steps.data() + static_cast<std::ptrdiff_t>(begin) * conversions();
        RowGroup& group =
            groups_.emplace_back(RowGroup{begin, std::min(rows_at_once, rows_ - begin), std::nullopt, std::nullopt});
        ReadDisturbance::Setting disturbance{offsets, hardware.adc.noise_sigma_lsb,
                                             std::move(noise[static_cast<std::size_t>(g)])};
        may_clip_ = may_clip_ || may_clip(plan_, first, group.rows, disturbance, adcs_);
        if (!ReadDisturbance::idle(disturbance))
            group.disturbance.emplace(std::move(disturbance), plan_, hardware.chip_seed, contents.id, g);
        if (!solves_each_read(analog.model()))
            group.matrix.emplace(first, group.rows, conversions());
    }
    stride_ = conversions();
    if (solves_each_read(analog.model()))
        analog_.emplace(std::move(analog));
    else
        stride_ = groups_.front().matrix->stride();
    skips_ = hardware.crossbar.skip_zero_reads;
    bends_ = hardware.adc.inl_sigma_lsb > 0.0;
    if (hardware.adc.gain_correction != GainCorrectionKind::none)
        correct_gain(hardware, targets, device.levels().lowest(), contents.id);
}

/// Fits the correction to what the array now gives, without noise, as if each vector had been read many times. A vector
/// that takes one of an output's conversions out of its range says nothing of that output.
void ProgrammedArray::correct_gain(const HardwareConfig& hardware, const LevelMatrix& targets, double g_off,
                                   std::uint64_t id) {
    // What cells at level 0 add, where no other column takes it off: the array of the other sign has as much of it.
    const double leak = slicing_.has_minus() ? 0.0 : g_off / level_step_;
    std::vector<double> weights(static_cast<std::size_t>(outputs()) * rows_, 0.0);  // [output][row]: of target levels
    for (int r = 0; r < rows_; ++r)
        for (int c = 0; c < conversions(); ++c)
            weights[static_cast<std::size_t>(c % outputs()) * rows_ + r] +=
                (difference(slicing_, targets.row(r).cast<double>(), c) + leak) * slicing_.slice_weight(c) *
                slicing_.level_weight();

    const std::vector<std::uint8_t> inputs = correction_inputs(hardware, id, rows_);
    std::vector<GainCorrection::Samples> samples(static_cast<std::size_t>(outputs()));
    for_each_some({inputs.data(), rows_, hardware.adc.correction_vectors, {}}, [&](const VectorBatch& some, int) {
        std::vector<std::int32_t> lines, raw;
        std::vector<std::uint16_t> clipped(static_cast<std::size_t>(some.count) * samples.size());
        convert_all(some, false, lines, raw, clipped.data());
        for (std::size_t i = 0; i < raw.size(); ++i) {
            const std::size_t o = i % samples.size();
            const std::uint8_t* x = some.inputs + static_cast<std::ptrdiff_t>(i / samples.size()) * some.stride;
            if (clipped[i] > 0)
                continue;
            samples[o].measured.push_back(static_cast<double>(rescale(raw[i], to_weights_)));
            samples[o].ideal.push_back(std::inner_product(x, x + rows_, &weights[o * rows_], 0.0));
        }
    });
    correction_.emplace(hardware.adc, samples);
    float* effective = effective_.data();
    for (int o = 0; o < outputs(); ++o)
        for (int r = 0; r < rows_; ++r, ++effective) {
            const auto offset = static_cast<float>(slicing_.offset(o, r, rows_));
            *effective = (*effective + offset) * static_cast<float>(correction_factor(o)) - offset;
        }
}

/// G_eff per row and conversion, in level steps, the converters' gains included; [row][conversion].
std::vector<double> ProgrammedArray::column_levels(const Eigen::MatrixXd& g_eff) const {
    std::vector<double> levels(static_cast<std::size_t>(rows_) * conversions());
    // Column by column, as the matrix lies in memory.
    for (int c = 0; c < conversions(); ++c) {
        const double* const plus = g_eff.col(slicing_.plus_column(c)).data();
        const double* const minus = slicing_.has_minus() ? g_eff.col(slicing_.minus_column(c)).data() : nullptr;
        for (int r = 0; r < rows_; ++r)
            levels[static_cast<std::size_t>(r) * conversions() + c] =
                (minus ? plus[r] - minus[r] : plus[r]) / level_step_ * adcs_[c].gain;
    }
    return levels;
}

std::uint64_t ProgrammedArray::driven_conductance_ns(const std::uint8_t* inputs, const DriveTable& drive) const {
    std::uint64_t sum = 0;
    for (std::size_t r = 0; r < row_conductance_ns_.size(); ++r)
        sum += row_conductance_ns_[r] * drive.squares[inputs[r]];
    return sum;
}

/// Solves the circuit for each read of a group.
void ProgrammedArray::solve_reads(const RowGroup& group, const VectorBatch& batch, std::int32_t* lines) const {
    const int digits = plan_.reads();
    Eigen::MatrixXd volts = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(batch.count) * digits, physical_rows_);
    for (int v = 0; v < batch.count; ++v)
        for (int t = 0; t < digits; ++t)
            for (int r = group.begin; r < group.begin + group.rows; ++r)
                volts(v * digits + t, r) = volt_per_step_ * plan_.digit(batch.inputs[v * batch.stride + r], t);
    const Eigen::MatrixXd amperes = analog_->currents(volts);
    const double levels_per_ampere = 1.0 / (volt_per_step_ * level_step_);
    for (Eigen::Index line = 0; line < amperes.rows(); ++line)
        for (int c = 0; c < conversions(); ++c) {
            const double ampere = difference(slicing_, amperes.row(line), c);
            const double fixed = scale_.fixed_point(ampere * levels_per_ampere * adcs_[c].gain);
            lines[line * stride_ + c] = static_cast<std::int32_t>(std::lround(fixed));
        }
}

void ProgrammedArray::sums_before_adc(const RowGroup& group, const VectorBatch& batch, std::int32_t* lines) const {
    if (group.matrix)
        partial_sums(*group.matrix, plan_, {batch.inputs + group.begin, batch.stride, batch.count}, lines,
                     best_read_isa(plan_.dac_bits, batch.count));
    else
        solve_reads(group, batch, lines);
}

/// Noise and offsets, then the bend of each converter's characteristic; nothing of these in a read that is not made.
void ProgrammedArray::disturb(const RowGroup& group, const VectorBatch& batch, bool noisy, std::int32_t* lines) const {
    ReadAddress address = batch.first;
    for (int v = 0; group.disturbance && v < batch.count; ++v, address.position += batch.position_step) {
        std::int32_t* of_vector = lines + static_cast<std::ptrdiff_t>(v) * plan_.reads() * stride_;
        if (noisy)
            group.disturbance->add(batch.inputs + v * batch.stride + group.begin, group.rows, address, stride_,
                                   of_vector);
        else
            group.disturbance->add_offsets(stride_, of_vector);
    }
    if (bends_)
        for (std::ptrdiff_t line = 0; line < static_cast<std::ptrdiff_t>(batch.count) * plan_.reads(); ++line)
            for (int c = 0; c < conversions(); ++c)
                lines[line * stride_ + c] = bent(lines[line * stride_ + c], plan_, adcs_[c].bow_lsb);
    for (int v = 0; skips_ && v < batch.count; ++v) {
        const std::uint8_t* inputs = batch.inputs + v * batch.stride + group.begin;
        const int any = std::accumulate(inputs, inputs + group.rows, 0, std::bit_or<>());
        for (int t = 0; t < plan_.reads(); ++t)
            if (plan_.digit(static_cast<std::uint8_t>(any), t) == 0)
                std::fill_n(lines + (static_cast<std::ptrdiff_t>(v) * plan_.reads() + t) * stride_, stride_, 0);
    }
}

/// One group's reads of a batch: sums, disturbance, ADC and shift-and-add one after the other. `lines`: then the codes.
void ProgrammedArray::convert_group(const RowGroup& group, const VectorBatch& batch, bool noisy,
                                    std::vector<std::int32_t>& lines, std::int32_t* raw, std::uint16_t* clipped) const {
    lines.resize(static_cast<std::size_t>(batch.count) * plan_.reads() * stride_);
    sums_before_adc(group, batch, lines.data());
    disturb(group, batch, noisy, lines.data());
    convert_and_add(plan_, stride_, batch.count, lines.data(), raw, clipped);
}

void ProgrammedArray::multiply_together(const std::vector<Target>& targets, const VectorBatch& batch,
                                        std::ptrdiff_t sums_stride) {
    thread_local std::vector<std::vector<std::int32_t>> raw, of_group, lines;
    for (auto* buffers : {&raw, &of_group, &lines})
        buffers->resize(std::max(buffers->size(), targets.size()));
    thread_local std::vector<ReadTask> tasks;
    for_each_some(batch, [&](const VectorBatch& some, std::ptrdiff_t first) {
        for (int g = 0; g < targets.front().array->row_groups(); ++g) {
            const RowGroup& rows = targets.front().array->groups_[static_cast<std::size_t>(g)];
            tasks.clear();
            for (std::size_t i = 0; i < targets.size(); ++i) {
                const ProgrammedArray& array = *targets[i].array;
                const RowGroup& group = array.groups_[static_cast<std::size_t>(g)];
                if (!array.fused(targets[i].clipped))
                    continue;
                std::vector<std::int32_t>& sums = g == 0 ? raw[i] : of_group[i];
                sums.resize(static_cast<std::size_t>(some.count) * array.outputs());
                ReadTask& task = tasks.emplace_back(ReadTask{&*group.matrix, &array.plan_, nullptr, sums.data()});
                const ReadDisturbance* const disturbance = group.disturbance ? &*group.disturbance : nullptr;
                if (disturbance && disturbance->blind() && !array.skips_) {
                    task.offsets = disturbance->offsets();
                    task.noise = disturbance->noise();
                    task.first = ReadDisturbance::address(some.first);
                    task.vector_step = ReadDisturbance::address({0, some.position_step}).vector;
                } else if (disturbance) {
                    lines[i].assign(static_cast<std::size_t>(some.count) * array.plan_.reads() * array.stride_, 0);
                    array.disturb(group, some, true, lines[i].data());
                    task.disturbance = lines[i].data();
                }
            }
            xloop::multiply(tasks, {some.inputs + rows.begin, some.stride, some.count},
                            best_read_isa(targets.front().array->plan_.dac_bits, some.count));
            for (std::size_t i = 0; g > 0 && i < targets.size(); ++i)
                if (targets[i].array->fused(targets[i].clipped))
                    add_to(raw[i].data(), of_group[i].data(), of_group[i].size());
        }
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

/// The results of all groups before finish, and how many conversions left their range.
void ProgrammedArray::convert_all(const VectorBatch& batch, bool noisy, std::vector<std::int32_t>& lines,
                                  std::vector<std::int32_t>& raw, std::uint16_t* clipped) const {
    thread_local std::vector<std::int32_t> of_group;
    thread_local std::vector<std::uint16_t> clipped_of_group;
    const std::size_t count = static_cast<std::size_t>(batch.count) * outputs();
    raw.assign(count, 0);
    of_group.resize(count);
    clipped_of_group.resize(count);
    if (clipped)
        std::fill_n(clipped, count, std::uint16_t{0});
    for (const RowGroup& group : groups_) {
        convert_group(group, batch, noisy, lines, of_group.data(), clipped ? clipped_of_group.data() : nullptr);
        add_to(raw.data(), of_group.data(), count);
        if (clipped)
            add_to(clipped, clipped_of_group.data(), count);
    }
}

void ProgrammedArray::multiply_step_by_step(const VectorBatch& batch, std::int32_t* sums, std::ptrdiff_t sums_stride,
                                            std::uint16_t* clipped) const {
    thread_local std::vector<std::int32_t> lines, raw;
    convert_all(batch, true, lines, raw, clipped);
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
    thread_local std::vector<std::int32_t> lines, raw, of_group;
    raw.assign(static_cast<std::size_t>(outputs()), 0);
    of_group.resize(raw.size());
    const VectorBatch one{inputs, rows_, 1, address};
    for (int g = 0; g < row_groups(); ++g) {
        convert_group(groups_[static_cast<std::size_t>(g)], one, true, lines, of_group.data(), nullptr);
        add_to(raw.data(), of_group.data(), raw.size());
        for (int t = 0; t < plan_.reads(); ++t)
            std::copy_n(lines.begin() + static_cast<std::ptrdiff_t>(t) * stride_, conversions(),
                        codes + (t * row_groups() + g) * conversions());
    }
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
    std::int32_t base = 0;  // of the rows of the output's group
    for (int o = 0, summed = -1; o < outputs(); ++o) {
        if (const int first = first_row(o); slicing_.offset() != 0 && first != summed) {
            summed = first;
            base = slicing_.offset() *
                   std::accumulate(inputs + first, inputs + first + slicing_.own_rows(rows_), std::int32_t{0});
        }
        std::int64_t sum = rescale(raw[o], to_weights_);
        if (correction_)
            sum = (*correction_)(o, sum);
        sums[o] += sign_ * static_cast<std::int32_t>(sum) - base;
    }
}

std::vector<float> ProgrammedArray::analog_levels(const std::uint8_t* inputs, std::ptrdiff_t stride,
                                                  int vectors) const {
    const int digits = plan_.reads();
    std::vector<std::int32_t> lines(static_cast<std::size_t>(vectors) * digits * stride_);
    std::vector<float> levels(static_cast<std::size_t>(vectors) * reads() * conversions());
    for (int g = 0; g < row_groups(); ++g) {
        sums_before_adc(groups_[static_cast<std::size_t>(g)], {inputs, stride, vectors, 0, 0}, lines.data());
        for (int line = 0; line < vectors * digits; ++line)
            for (int c = 0; c < conversions(); ++c)
                levels[static_cast<std::size_t>(line * row_groups() + g) * conversions() + c] =
                    static_cast<float>(lines[static_cast<std::size_t>(line) * stride_ + c] / scale_.fixed_point(1.0));
    }
    return levels;
}

}  // namespace xloop
