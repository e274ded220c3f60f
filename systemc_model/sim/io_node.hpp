#pragma once

#include "core/activity.hpp"
#include "systemc_model/sim/kernel/agent.hpp"
#include "systemc_model/sim/network/network_module.hpp"
#include "systemc_model/sim/run_state.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace xloop::sim {

/// The chip's border: sends images, row by row, to the tiles that read them, and collects the logits; between rounds it
/// keeps the maps that later rounds read. Outside the chip there is room for all of them.
class IoNode : public Agent, public NetworkClient {
public:
    /// `image_done(number done)`, if there is one, is called with the last logit of an image.
    IoNode(const sc_core::sc_module_name& name, Scheduler& scheduler, RunState& run, NetworkModule& network,
           std::function<void(int)> image_done);

    /// One more image, at cycle `cycle` or before the run. `pixels`: input.size() values that live until it is sent; null
    /// without values.
    void add_image(const std::uint8_t* pixels, std::uint64_t cycle);
    void begin_round(std::uint64_t cycle);
    /// All maps of all images that the round has to give are here.
    bool round_done() const;
    /// Throws Error unless every message has left and every value has come.
    void check_conservation() const;
    void report(SimulationResult& result) const;

    void message_arrived(int message, std::uint64_t cycle) override;
    void message_left(int message, std::uint64_t cycle) override;

    const std::vector<std::int32_t>& logits(std::size_t image) const { return logits_[image]; }
    std::string state() const;

private:
    struct Reader {
        int stream, tile;
        std::uint64_t capacity;
        std::vector<std::uint64_t> released;
    };
    struct Import {
        int producer;
        std::uint64_t positions, burst, next = 0;  ///< next: position, counted on through images
        std::int64_t position_bytes;
        std::vector<Reader> readers;
        std::vector<int> tiles;
    };
    struct Arrival {
        std::uint64_t cycle;
        int message;  ///< -1: a message has left
    };

    void on_cycle(std::uint64_t cycle) override;
    void collect(const Message& message, std::uint64_t cycle);
    void collect_output(const Message& message, std::uint64_t image, std::uint64_t position, std::uint64_t cycle);
    bool may_send(const Import& import) const;
    int full_stream(const Import& import) const;
    void send(Import& import, std::uint64_t cycle);
    std::vector<std::int32_t> values_of(const Import& import, std::uint64_t image, std::uint64_t position) const;

    RunState& run_;
    NetworkModule& network_;
    std::function<void(int)> image_done_;
    std::vector<Import> imports_;
    std::vector<const std::uint8_t*> pixels_;
    std::map<std::pair<int, std::uint64_t>, std::uint64_t> received_;  ///< positions of (layer, image)
    std::map<std::pair<int, std::uint64_t>, FeatureMap> maps_;         ///< that later rounds read
    std::vector<std::vector<std::int32_t>> logits_;
    std::vector<CycleSpan> images_;
    std::deque<Arrival> arriving_;
    std::uint64_t current_image_ = 0;  ///< layer by layer: the only one under way
    int places_, done_ = 0;
    CountedInstance counters_;
};

}  // namespace xloop::sim
