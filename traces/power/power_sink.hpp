#pragma once

#include "traces/bus/window_counts.hpp"
#include "traces/power/power_model.hpp"
#include "traces/text/limited_text.hpp"
#include "traces/vcd/real_waveform.hpp"

#include <memory>
#include <optional>

namespace xloop::trace {

/// Files of a PowerSink; empty: not wanted.
struct PowerFiles {
    std::string
        classes;  ///< CSV, a line for each window: start_cycle,end_cycle,start_s,end_s, W of each class, total_w
    std::string
        instances;         ///< CSV: start_s,end_s,instance,power_w of the instances at work in each window, then a line
                           ///< `(static)`: the power of all others, so that the lines of a window add up to its total
    std::string waveform;  ///< VCD of real numbers, W: power.total, power.class.CLASS, INSTANCE.power_w
};

/// Power over time: static power everywhere, and the energy of each window's events over the window's length. Waveforms are 0
/// where nothing is traced.
class PowerSink : public Sink {
public:
    /// Windows of `window_cycles`; each file holds whole windows, as many as fit into `limit_bytes` (0: all).
    PowerSink(PowerFiles files, std::shared_ptr<const PowerModel> model, std::uint64_t window_cycles,
              std::uint64_t limit_bytes = 0);

    Wants wants() const override { return Wants::counts; }
    bool needs_order() const override { return true; }
    /// Throws Error when an instance that counts is not in the model.
    void begin(const Declarations& declarations) override;
    void count(const Count& count) override { counts_->add(count); }
    void advance(Time time) override;
    void end(Time time) override;
    std::string remark() const override;

    /// Of all windows: the sum of power x length. Does not depend on size limits.
    double energy_j() const { return energy_j_; }
    /// Highest power of a window; short ones count only if the first is one, as they may hold a single event.
    double peak_w() const { return peak_w_; }

private:
    void write(const CountedWindow& window);
    void write_classes(const CountedWindow& window, const PerComponent& watts, double total);
    void write_instances(const CountedWindow& window, double total_static);
    void write_waveform(const CountedWindow& window, const PerComponent& watts, double total);
    /// Power of each instance at work, by its number in the model.
    void find_active(const CountedWindow& window);
    void rest_waveform(Time time);
    double seconds(const CountedWindow& window) const { return model_->seconds(window); }

    struct Active {
        std::size_t instance;  ///< of the model
        double power_w;
    };

    PowerFiles files_;
    std::shared_ptr<const PowerModel> model_;
    std::vector<Component> shown_;
    std::uint64_t window_cycles_, limit_;
    const Declarations* declarations_ = nullptr;
    std::optional<WindowCounts> counts_;
    std::optional<LimitedText> classes_, instances_;
    std::optional<RealWaveform> waveform_;
    std::vector<PerEvent> event_j_;         ///< by kind of hardware, of all classes
    std::vector<std::size_t> model_index_;  ///< of each declared instance
    std::vector<Active> active_;
    std::vector<double> values_;  ///< of the waveform: total, classes, instances of the model
    std::string rows_;
    bool first_ = true;
    std::uint64_t traced_to_ = 0;  ///< end of the last window
    double energy_j_ = 0, peak_w_ = 0;
};

}  // namespace xloop::trace
