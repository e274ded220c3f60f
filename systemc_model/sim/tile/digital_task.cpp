#include "systemc_model/sim/tile/task.hpp"

#include "core/error.hpp"
#include "core/workload/digital.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <vector>

namespace xloop::sim {
namespace {

/// A layer without a matrix: window from the buffer over the bus to the vector unit.
class DigitalTask : public Task {
public:
    DigitalTask(TileParts& tile, int number)
        : Task(tile, number), buffer_done_(static_cast<std::size_t>(tile.hardware.tile.accumulator_positions)) {}

    bool advance() override {
        bool moved = false;
        while (next_fetch_ < total() && stage_->has_entry(next_fetch_) && inputs_here(next_fetch_)) {
            fetch();
            moved = true;
        }
        return stage_->advance() || moved;
    }

    void on(const Action& action) override {
        if (action.kind == Action::Kind::bus_asked)
            on_bus_asked(action.number);
        else
            on_fetched(action.number);
    }

    void check_conservation() const override {
        if (next_fetch_ != total() || stage_->retired() != total())
            throw Error(fmt::format("{}: {} of {} positions fetched, {} sent", place(), next_fetch_, total(),
                                    stage_->retired()));
    }

    Wait waits_for() const override {
        if (const Wait wait = wait_for_output(); !wait.reason.empty())
            return wait;
        return next_fetch_ < total() ? wait_for_input(next_fetch_) : Wait{};
    }

private:
    DigitalWork work(std::uint64_t own) const {
        return digital_work(tile_.run.network.graph, shape_, windows_.part(own_.position(own)));
    }

    void fetch() {
        const std::uint64_t own = next_fetch_++;
        tile_.run.include(layer(), own_.image(own), tile_.now());
        tile_.run.count(tile_.controller_counters, {layer()}, Event::control_step, 1);
        std::uint64_t first_word = 0;
        buffer_done_[own % buffer_done_.size()] = tile_.read_buffer(layer(), work(own).read_bytes, &first_word);
        if (tile_.probe) {
            TileProbe::Bytes& data = tile_.probe->scratch();
            data.clear();
            append_window(own, data);
            tile_.probe->read_buffer(tile_.buffer_access(buffer_done_[own % buffer_done_.size()], work(own).read_bytes),
                                     window_address(own), data, purpose(own));
        }
        tile_.post({first_word, Action::Kind::bus_asked, number_, own});
    }

    void on_bus_asked(std::uint64_t own) {
        const std::uint64_t sent = tile_.take_bus(layer(), work(own).read_bytes);
        if (tile_.probe) {
            TileProbe::Bytes& data = tile_.probe->scratch();
            data.clear();
            append_window(own, data);
            tile_.probe->use_bus(tile_.bus_access(sent, work(own).read_bytes), &data, "window", purpose(own));
        }
        fetch_done_ = std::max({fetch_done_, buffer_done_[own % buffer_done_.size()], sent});
        tile_.post({fetch_done_, Action::Kind::fetched, number_, own});
    }

    void on_fetched(std::uint64_t own) {
        gather_inputs(own);
        std::vector<std::int32_t> values;
        if (tile_.run.computes()) {
            FeatureMap out(static_cast<std::size_t>(shape_.out.channels));
            shape_.traits().position(shape_, maps().data(), own_.position(own), out.data());
            values.assign(out.begin(), out.end());
            if (shape_.is_output)
                std::transform(out.begin(), out.end(), values.begin(),
                               [&](Activation value) { return logit_of(shape_, value); });
        }
        release_inputs(own);
        stage_->operate(own, work(own).operations, std::move(values));
    }

    WorkState state() const override {
        if (stage_->in_vector_unit() > 0)
            return WorkState::busy;
        if (next_fetch_ == 0 || (next_fetch_ == total() && stage_->idle()))
            return WorkState::idle;
        return stage_->has_entry(next_fetch_) ? WorkState::waiting : WorkState::blocked;
    }

    const char* stall_cause() const override {
        if (const char* cause = output_cause())
            return cause;
        return stage_->has_entry(next_fetch_) ? "input missing" : "accumulator full";
    }

    std::vector<std::uint64_t> buffer_done_;  ///< of the positions under way
    std::uint64_t next_fetch_ = 0, fetch_done_ = 0;
};

}  // namespace

std::unique_ptr<Task> make_digital_task(TileParts& tile, int number) {
    return std::make_unique<DigitalTask>(tile, number);
}

}  // namespace xloop::sim
