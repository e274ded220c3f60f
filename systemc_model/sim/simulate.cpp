#include "systemc_model/sim/simulate.hpp"

#include "core/error.hpp"
#include "systemc_model/sim/io_node.hpp"
#include "systemc_model/sim/noc.hpp"
#include "systemc_model/sim/tile.hpp"

#include <exception>
#include <fmt/format.h>
#include <memory>

// libsystemc.so refers to it; our programs have their own main and never call it.
extern "C" int sc_main(int, char**) { return 0; }

namespace xloop {
namespace {

using namespace sim;

/// The whole chip. Its name, "chip", begins every instance path.
class ChipModel : public sc_core::sc_module {
public:
    ChipModel(const sc_core::sc_module_name& name, const ClockDomain& clock, const Chip& chip, IoNode::Images images,
              TraceBus* trace, std::function<void(int)> image_done)
        : sc_module(name), chip_(chip), spans_(chip.graph().layers.size()),
          noc_("noc", clock, chip.hardware(), chip.mapping(), trace),
          io_("io", clock, chip, noc_, images, [this](std::int64_t image) { begin_image(image); }, std::move(image_done)) {
        for (int t = 0; t < chip.mapping().tiles(); ++t) {
            tiles_.push_back(std::make_unique<Tile>(chip.mapping().tile_name(t).c_str(), clock, chip, t, noc_, spans_, trace));
            noc_.connect(t, *tiles_.back());
        }
        noc_.connect(chip.mapping().tiles(), io_);
    }

    SimulationResult result() const {
        SimulationResult result;
        result.logits = io_.logits();
        result.latency_cycles = io_.latencies();
        result.cycles = io_.last_cycle();
        for (std::size_t l = 0; l < spans_.size(); ++l)
            result.layers.push_back({chip_.graph().layers[l].name, spans_[l].start - io_.image_start(),
                                     spans_[l].end - io_.image_start()});
        for (const auto& tile : tiles_)
            tile->report(result.activity);
        noc_.report(result.activity);
        io_.report(result.activity);
        return result;
    }

    std::string state() const {
        std::string text = noc_.state();
        for (const auto& tile : tiles_)
            text += tile->state();
        return text;
    }

private:
    void begin_image(std::int64_t image) {
        for (const auto& tile : tiles_)
            tile->begin_image(image);
        spans_.assign(spans_.size(), LayerSpan{});
    }

    const Chip& chip_;
    std::vector<LayerSpan> spans_;
    Noc noc_;
    IoNode io_;
    std::vector<std::unique_ptr<Tile>> tiles_;
};

}  // namespace

SimulationResult simulate(const Chip& chip, const std::uint8_t* pixels, int first, int count, TraceBus* trace,
                          const std::function<void(int)>& progress) {
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    const ClockDomain clock(chip.hardware().clock.period_ns());
    // An exception may not pass through the kernel: it is kept and rethrown here.
    std::exception_ptr stopped;
    ChipModel model("chip", clock, chip, {pixels, first, count}, trace, [&](int done) {
        try {
            if (progress)
                progress(done);
        } catch (...) {
            stopped = std::current_exception();
            sc_core::sc_stop();
        }
    });
    if (trace)
        trace->begin();
    sc_core::sc_start();
    if (stopped)
        std::rethrow_exception(stopped);
    SimulationResult result = model.result();
    if (trace)
        trace->end(result.cycles);
    if (static_cast<int>(result.latency_cycles.size()) != count)
        throw Error(fmt::format("the model stopped at cycle {} with {} of {} images done; waiting:\n{}", clock.now(),
                                result.latency_cycles.size(), count, model.state()));
    return result;
}

}  // namespace xloop
