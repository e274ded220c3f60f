#pragma once

#include "traces/bus/name_map.hpp"
#include "traces/bus/trace_sink.hpp"
#include "traces/saif/net_toggles.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop::trace {

/// Times at 0 and 1 and changes of every bit, added up as they come, written as backward SAIF when the run ends.
class SaifSink : public Sink {
public:
    SaifSink(std::string path, NetNaming naming = {}, std::string date = {});

    Wants wants() const override { return Wants::signals; }
    void begin(const Declarations& declarations) override;
    void value(const ValueChange& change) override;
    void burst(const Burst& burst) override;
    void pulses(const Pulses& pulses) override;
    void end(Time time) override;

private:
    /// The last change waits: another one at the same time would replace it.
    struct Net {
        std::size_t first_word, first_bit;
        Time pending_time = 0;
        bool pending = false;
    };

    BitActivity bits_of(const Net& net) { return {t1_.data() + net.first_bit, tc_.data() + net.first_bit}; }
    void settle(Net& net, const Signal& signal);
    /// `traced`: the time on the windows' clock; `shown`: whether a change counts.
    void set_word(const Net& net, std::size_t word, std::uint64_t value, Time traced, bool shown);
    void clock_activity(const Signal& signal, Net& net, Time end);
    void print(Time end);

    const Declarations* declarations_ = nullptr;
    std::string path_, date_;
    NetNaming naming_;
    std::vector<Net> nets_;
    std::vector<std::uint64_t> now_, next_;  ///< words of all signals
    std::vector<std::uint64_t> t1_, tc_;     ///< of all bits; t1 is open for bits that are 1
    std::vector<RegularPattern> patterns_;
};

}  // namespace xloop::trace
