#pragma once

#include "core/workload/read_address.hpp"
#include "core/workload/workload_graph.hpp"
#include "systemc_model/crossbar/adc.hpp"
#include "systemc_model/crossbar/circuit/analog_array.hpp"
#include "systemc_model/crossbar/drive.hpp"
#include "systemc_model/crossbar/gain_correction.hpp"
#include "systemc_model/crossbar/read_disturbance.hpp"
#include "systemc_model/crossbar/reads/read_kernel.hpp"
#include "systemc_model/crossbar/weight_slicing.hpp"
#include "systemc_model/device/device_model.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace xloop {

/// Input vectors for one array: rows() unsigned values of numerics.activation_bits bits each, vector v at inputs + v * stride, read for output position
/// first.position + v * position_step.
struct VectorBatch {
    const std::uint8_t* inputs;
    std::ptrdiff_t stride;
    int count;
    ReadAddress first;
    int position_step = 1;
};

/// One array after programming: conductances fixed, wires solved, converters drawn. Immutable; safe to share among threads.
/// The result of a vector depends on the vector and its address only, not on its batch or the instruction set.
class ProgrammedArray {
public:
    /// `adc_range_levels`: the calibrated range of the layer's sums, for adc.range `calibrated` (see adc_calibration.hpp).
    ProgrammedArray(const ArrayContents& contents, const HardwareConfig& hardware, const DeviceModel& device,
                    double adc_range_levels = 0.0);

    int rows() const { return rows_; }
    int outputs() const { return plan_.outputs; }
    /// The first of the rows that hold weights of an output: other than 0 where groups lie on the array's diagonal.
    int first_row(int output) const { return slicing_.first_row(output, rows_); }
    int conversions() const { return plan_.conversions(); }
    /// Of one vector, without crossbar.skip_zero_reads or if none is of zeros alone: read digit * row_groups() + group puts that digit of the inputs on the rows of that group.
    int reads() const { return plan_.reads() * row_groups(); }
    /// Groups of rows that are driven at once (crossbar.rows_per_read).
    int row_groups() const { return plan_.row_groups; }

    /// The whole product, read by read: adds it to sums[v * sums_stride + o]. `clipped`, if not null: how many of the
    /// reads() * slices conversions behind each output left the ADC's range, [v * outputs() + o].
    void multiply(const VectorBatch& batch, std::int32_t* sums, std::ptrdiff_t sums_stride,
                  std::uint16_t* clipped = nullptr) const;

    /// An array, and where its product is added and, if not null, its clipped conversions are counted.
    struct Target {
        const ProgrammedArray* array;
        std::int32_t* sums;
        std::uint16_t* clipped = nullptr;
    };
    /// As multiply for each target, all on the same input vectors (equal rows() and row_groups()), but the inputs are
    /// prepared once. Once a thread has done such a call nothing is allocated, except by arrays whose circuit is solved for each read.
    static void multiply_together(const std::vector<Target>& targets, const VectorBatch& batch,
                                  std::ptrdiff_t sums_stride);

    /// The ADC codes of one vector, [read * conversions() + conversion].
    void convert(const std::uint8_t* inputs, const ReadAddress& address, std::int32_t* codes) const;
    /// The same, and adds the vector's result to `sums`, as multiply does.
    void convert_and_multiply(const std::uint8_t* inputs, const ReadAddress& address, std::int32_t* codes,
                              std::int32_t* sums) const;
    /// Shift-and-add of the codes of one read onto `raw` (outputs() values, 0 at first).
    void shift_add(const std::int32_t* codes, int read, std::int32_t* raw) const;
    /// What shift_add adds for one code.
    std::int32_t shifted(std::int32_t code, int conversion, int read) const {
        return code * slicing_.slice_weight(conversion) * (1 << (read / row_groups() * plan_.dac_bits));
    }
    /// After the last read: adds the vector's result, in weight units, to `sums`.
    void finish(const std::uint8_t* inputs, const std::int32_t* raw, std::int32_t* sums) const;

    /// Conductance that all reads of a vector drive, x digit^2, in nanosiemens: the energy of the cells and wires is this
    /// x 1e-9 x (voltage of one DAC step)^2 x read time. A row counts with what it sends into all columns of the array
    /// (effective conductance, wires included); current that other rows' drivers take back is left out (a term of second
    /// order in wire x cell conductance). Cells are taken as linear.
    std::uint64_t driven_conductance_ns(const std::uint8_t* inputs, const DriveTable& drive) const;

    /// The sums that the ADC of conversion c sees, in level steps times DAC steps, with its gain but without offset,
    /// nonlinearity and noise;
    /// [(v * reads() + read) * conversions() + c].
    std::vector<float> analog_levels(const std::uint8_t* inputs, std::ptrdiff_t stride, int vectors) const;

    /// The digital factor of an output's sums (adc.gain_correction); 1 without.
    double correction_factor(int output) const { return correction_ ? correction_->factor(output) : 1.0; }

    /// The weights that the array realises, outputs x rows, in integer weight units, before the ADC's rounding and range. With
    /// the factors of the gain correction, but without its offsets. Where groups lie on the diagonal, the entries off it are what
    /// leaks from the rows of other groups.
    const std::vector<float>& effective_weights() const { return effective_; }

private:
    /// Rows that are driven at once.
    struct RowGroup {
        int begin, rows;
        std::optional<ReadMatrix> matrix;  ///< fixed-point ADC steps per driven row and DAC step
        std::optional<ReadDisturbance> disturbance;
    };

    std::vector<double> column_levels(const Eigen::MatrixXd& g_eff) const;
    /// The result before finish: thread-local.
    const std::int32_t* convert_raw(const std::uint8_t* inputs, const ReadAddress& address, std::int32_t* codes) const;
    void sums_before_adc(const RowGroup& group, const VectorBatch& batch, std::int32_t* lines) const;
    void solve_reads(const RowGroup& group, const VectorBatch& batch, std::int32_t* lines) const;
    void disturb(const RowGroup& group, const VectorBatch& batch, bool noisy, std::int32_t* lines) const;
    void convert_group(const RowGroup& group, const VectorBatch& batch, bool noisy, std::vector<std::int32_t>& lines,
                       std::int32_t* raw, std::uint16_t* clipped) const;
    void convert_all(const VectorBatch& batch, bool noisy, std::vector<std::int32_t>& lines,
                     std::vector<std::int32_t>& raw, std::uint16_t* clipped) const;
    void correct_gain(const HardwareConfig& hardware, const LevelMatrix& targets, double g_off, std::uint64_t id);
    void finish(const VectorBatch& batch, const std::int32_t* raw, std::int32_t* sums,
                std::ptrdiff_t sums_stride) const;
    void multiply_step_by_step(const VectorBatch& batch, std::int32_t* sums, std::ptrdiff_t sums_stride,
                               std::uint16_t* clipped) const;
    /// ADC and shift-and-add need not be taken apart.
    bool fused(bool counting) const { return !analog_ && !bends_ && !(counting && may_clip_); }

    int rows_;
    double volt_per_step_, level_step_;
    WeightSlicing slicing_;
    AdcScale scale_;
    std::vector<AdcErrors> adcs_;
    ReadPlan plan_;
    Rescale to_weights_;  ///< ADC steps -> weight units
    std::vector<RowGroup> groups_;
    std::optional<AnalogArray> analog_;  ///< instead of the groups' matrices, when each read is solved anew
    std::optional<GainCorrection> correction_;
    std::vector<float> effective_;  ///< [output][row]
    std::vector<std::uint64_t> row_conductance_ns_;
    int physical_rows_, sign_;
    int stride_ =
        0;  ///< of a line of partial sums: a group's reads x conversions of one vector are plan_.reads() lines
    bool skips_ = false;    ///< reads of zeros alone are not made
    bool bends_ = false;    ///< the converters have integral nonlinearity
    bool may_clip_ = true;  ///< some input may take a conversion out of the ADC's range
};

}  // namespace xloop
