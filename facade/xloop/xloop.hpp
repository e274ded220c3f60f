#pragma once

/// @file
/// What programs of your own call of XLoop: hardware and networks from their files, figures in closed form, a programmed chip
/// with its logits, and the cycle model. Includes nothing of XLoop's own and no library; CMake target `xloop::xloop`.
///
/// Everything here stays as it is within a minor version (0.1.x). Who needs more includes the rooms' headers
/// (`systemc_model/estimate/estimate.hpp`), which may change with any version.
///
/// What goes wrong is thrown as a std::runtime_error whose message says what was expected and what to do: with file, line
/// and key where a file is wrong. Objects are cheap to copy; one that nothing was loaded into, such as Report(), throws when it
/// is asked.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xloop {
/// Programs of your own.
namespace api {

/// The version of the library, "0.1.0".
std::string version();

/// A piece of hardware: arrays, cells, converters, tiles, network on chip, clock.
class Hardware {
public:
    /// What XLoop takes where nothing is said.
    Hardware();
    /// Reads a hardware file (YAML, as in configs/hw) with the files that it names.
    /// @param file an empty text stands for what Hardware() gives
    /// @param settings further keys as on the command line, "crossbar.rows=128", in order
    static Hardware load(const std::string& file, const std::vector<std::string>& settings = {});

private:
    friend struct Access;
    struct Data;
    std::shared_ptr<const Data> data_;
};

/// What every event and unit costs.
class Costs {
public:
    /// Reads a cost table (YAML, as in configs/tech).
    static Costs load(const std::string& file);

private:
    friend struct Access;
    struct Data;
    std::shared_ptr<const Data> data_;
};

/// A network with nothing to choose from. It has shapes, and integer weights or none: estimates need none.
class Network {
public:
    /// Reads one of
    /// - a network file (YAML, as in configs/networks): shapes;
    /// - a folder that `xloop import` or `xloop train` wrote (network.yaml, weights.safetensors): shapes, as its weights are no
    ///   integers; `xloop eval` makes a workload of it;
    /// - a workload.yaml that `xloop eval` or `xloop run` wrote: shapes and integer weights.
    /// @param path of the file or folder
    /// @param subnet of a network with choices, "stage1=w8k3 stage2=w16k5"; empty: the largest
    static Network load(const std::string& path, const std::string& subnet = {});
    /// The same of the text of a network file.
    static Network parse(const std::string& yaml, const std::string& subnet = {});
    /// The network with random weights in place of its own, the same for the same seed.
    Network with_random_weights(std::uint64_t seed) const;

    /// As written in its file, with the subnet.
    std::string name() const;
    bool has_weights() const;  ///< integer weights, that a chip can be programmed with
    /// Channels, height and width of an image; their product is its number of bytes.
    std::vector<int> input() const;
    /// Number of logits of an image.
    int logits() const;
    /// Multiply-accumulates of an image.
    std::int64_t macs() const;

private:
    friend struct Access;
    struct Data;
    std::shared_ptr<const Data> data_;
};

/// Energy and area of a class of components, or of the chip.
struct LedgerRow {
    std::string name;      ///< "crossbar", "adc", ...; "total"
    double dynamic_j = 0;  ///< J, of the counted events of the run
    double static_j = 0;   ///< J, leakage, refresh and clock over the run
    double area_mm2 = 0;   ///< of the whole chip, used or not
};

/// What an estimate or a run of the cycle model says of the hardware.
class Report {
public:
    int images() const;                    ///< of the run
    std::uint64_t cycles() const;          ///< of all images, in cycles of the digital clock
    std::uint64_t latency_cycles() const;  ///< of the first image, from its first byte to its last logit
    double interval_cycles() const;        ///< from one image to the next; not a number after a run of one image
    double clock_ghz() const;              ///< of the digital clock
    double energy_j() const;               ///< J of an image alone on the chip
    double area_mm2() const;               ///< of the chip
    /// Energy x latency x area of an image alone on the chip, J s mm2.
    double edap() const;

    /// One row for each class of components that has energy or area, then "total".
    std::vector<LedgerRow> ledger() const;
    /// CSV text, one line for each instance of the chip ("chip.tile_0_1.pe_2.xbar_3"): energies in J, area in mm2.
    std::string instances_csv() const;
    /// The report as a JSON object: what `xloop estimate --json` prints, without its advice and configuration.
    std::string json() const;

private:
    friend struct Access;
    struct Data;
    std::shared_ptr<const Data> data_;
};

/// Figures of a network on the hardware, in closed form, in milliseconds. Reads no weights but on hardware with
/// mapping.skip_zero_weights.
Report estimate(const Network& network, const Hardware& hardware, const Costs& costs, int images = 1);

/// Pixels of images, one after the other, each position by position: (y * width + x) * channels + c.
using Pixels = std::vector<std::uint8_t>;
/// Logits, one row for each image.
using Logits = std::vector<std::vector<std::int32_t>>;

/// What the cycle model gives.
struct Simulation {
    Report report;  ///< with the data that was counted, of a chip
    Logits logits;  ///< of a chip; those of Chip::run bit for bit
};

/// A network programmed onto the hardware: cells with their spread and faults, wires solved. It does not change any more, and
/// may be used by several threads.
class Chip {
public:
    /// Programs every array.
    /// @param network with weights
    /// @param hardware what it is programmed on
    /// @param calibration images that adc.range `calibrated` is fitted to; else not used
    /// @param threads that program the arrays; the chip is the same for any number
    static Chip program(const Network& network, const Hardware& hardware, const Pixels& calibration = {},
                        int threads = 1);

    /// Logits of images, untimed.
    Logits run(const Pixels& images, int threads = 1) const;

    /// Runs images through the SystemC model of the chip, cycle by cycle. Once per process, this and xloop::api::simulate
    /// together: SystemC elaborates once. A second call throws; several runs need several processes.
    Simulation simulate(const Pixels& images, const Costs& costs) const;

private:
    friend struct Access;
    struct Data;
    std::shared_ptr<const Data> data_;
};

/// The same without values: cycles and counts, faster; what depends on data is expected from averages, logits are empty.
/// Once per process, as Chip::simulate.
Simulation simulate(const Network& network, const Hardware& hardware, const Costs& costs, int images = 1);

}  // namespace api
}  // namespace xloop
