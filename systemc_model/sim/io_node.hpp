#pragma once

#include "core/activity.hpp"
#include "systemc_model/chip/chip.hpp"
#include "systemc_model/sim/clocked_agent.hpp"
#include "systemc_model/sim/noc.hpp"
#include "systemc_model/sim/packet.hpp"

#include <functional>
#include <map>
#include <vector>

namespace xloop::sim {

/// The chip's border: sends an image, row by row, to the tiles that read it, and collects the logits; then the next.
class IoNode : public ClockedAgent, public PacketReceiver {
public:
    struct Images {
        const std::uint8_t* pixels = nullptr;
        int first = 0, count = 0;
    };
    /// `begin_image(image)` is called before an image is sent, `image_done(number done)` after its last logit.
    IoNode(const sc_core::sc_module_name& name, const ClockDomain& clock, const Chip& chip, Noc& noc, Images images,
           std::function<void(std::int64_t)> begin_image, std::function<void(int)> image_done);

    void deliver(Packet packet, std::uint64_t cycle) override;
    void report(ActivityRecord& record) const;

    const std::vector<std::vector<std::int32_t>>& logits() const { return logits_; }
    const std::vector<std::uint64_t>& latencies() const { return latencies_; }
    /// First cycle of the image sent last.
    std::uint64_t image_start() const { return image_start_; }
    std::uint64_t last_cycle() const { return last_cycle_; }

private:
    void on_cycle(std::uint64_t cycle) override;
    void send_image(std::uint64_t cycle);
    void collect(const Packet& packet, std::uint64_t cycle);

    const Chip& chip_;
    Noc& noc_;
    Images images_;
    std::function<void(std::int64_t)> begin_image_;
    std::function<void(int)> image_done_;
    std::multimap<std::uint64_t, Packet> arriving_;
    int done_ = 0;
    bool waiting_for_logits_ = false;
    int received_ = 0;
    std::uint64_t image_start_ = 0, last_cycle_ = 0;
    std::vector<std::vector<std::int32_t>> logits_;
    std::vector<std::uint64_t> latencies_;
    Counters counters_;
};

}  // namespace xloop::sim
