#include "systemc_model/sim/tile/task.hpp"

#include "core/workload/digital.hpp"
#include "systemc_model/mapping/window.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {
namespace {

int reader_number(const Stream& stream, int task) {
    return static_cast<int>(std::find(stream.tasks.begin(), stream.tasks.end(), task) - stream.tasks.begin());
}

}  // namespace

Task::Task(TileParts& tile, int number)
    : tile_(tile), number_(number), plan_(tile.run.plan.tasks[static_cast<std::size_t>(number)]),
      shape_(tile.run.layer(plan_.layer)), windows_(tile.run.geometry.windows(plan_.layer)),
      own_(tile.run.positions_of(plan_.layer), plan_.copy, tile.run.placed(plan_.layer).copy_count()) {
    if (plan_.home)
        stage_.emplace(tile, number);
    for (int s : plan_.streams) {
        const Stream& stream = tile.run.plan.streams[static_cast<std::size_t>(s)];
        std::vector<int> producers = tile.run.plan.sources(tile.run.network.mapping, stream.producer);
        producers.erase(std::remove(producers.begin(), producers.end(), tile.tile), producers.end());
        producers_.push_back(std::move(producers));
        reader_numbers_.push_back(reader_number(stream, number));
        if (!tile.run.computes())
            continue;
        const Edge edge = tile.run.network.graph.edge(stream.producer);
        values_.emplace_back(static_cast<std::size_t>(edge.shape.size()));
        maps_.push_back({values_.back().data(), edge.shape.channels, edge.zero_point, edge.shape.positions()});
    }
    released_.assign(plan_.streams.size(), 0);
}

std::uint64_t Task::needed_until(std::uint64_t own, std::size_t index) const {
    const int positions = stream(index).positions;
    const std::uint64_t before = own_.image(own) * static_cast<std::uint64_t>(positions);
    const auto position = static_cast<std::size_t>(own_.position(own));
    return before +
           static_cast<std::uint64_t>(tile_.run.pipelined() ? windows_.last_in(position, positions) + 1 : positions);
}

std::uint64_t Task::first_kept(std::uint64_t own, std::size_t index) const {
    const int positions = stream(index).positions;
    return own_.image(own) * static_cast<std::uint64_t>(positions) +
           static_cast<std::uint64_t>(windows_.first_in(static_cast<std::size_t>(own_.position(own)), positions));
}

int Task::missing_input(std::uint64_t own) const {
    for (std::size_t i = 0; i < plan_.streams.size(); ++i)
        if (input(i).complete() < needed_until(own, i))
            return static_cast<int>(i);
    return -1;
}

bool Task::inputs_here(std::uint64_t own) const { return own_.image(own) < tile_.run.images && missing_input(own) < 0; }

void Task::release_inputs(std::uint64_t own) {
    for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
        const std::uint64_t kept = first_kept(own + 1, i);
        if (kept == released_[i])
            continue;
        released_[i] = kept;
        tile_.stream(plan_.streams[i])->release(reader_numbers_[i], kept);
        if (!tile_.run.pipelined() || producers_[i].empty())
            continue;
        Message credit;
        credit.kind = Message::Kind::stream_credit;
        credit.layer = layer();
        credit.subject = plan_.streams[i];
        credit.copy = reader_numbers_[i];
        credit.position = kept;
        credit.image = own_.image(own);
        tile_.send(std::move(credit), producers_[i]);
    }
}

/// Calls visit(input position, its values in the stream) for the window of a position in one input, padding left out.
template <class Visit>
void Task::for_window(std::uint64_t own, std::size_t index, const Visit& visit) const {
    const int positions = stream(index).positions;
    const std::uint64_t before = own_.image(own) * static_cast<std::uint64_t>(positions);
    shape_.visit_window(own_.position(own), [&](int, int of_window) {
        const int position = positions == 1 ? 0 : of_window;  // which may stand for all
        visit(position, input(index).values(before + static_cast<std::uint64_t>(position)));
    });
}

void Task::gather_inputs(std::uint64_t own) {
    // Each access is checked, also without values.
    for (std::size_t i = 0; i < plan_.streams.size(); ++i)
        for_window(own, i, [&](int position, const Activation* values) {
            if (!maps_.empty())
                std::copy_n(values, maps_[i].channels,
                            values_[i].begin() + static_cast<std::ptrdiff_t>(position) * maps_[i].channels);
        });
}

void Task::append_window(std::uint64_t own, TileProbe::Bytes& bytes) const {
    for (std::size_t i = 0; i < maps_.size(); ++i)
        for_window(own, i, [&](int, const Activation* values) {
            for (int c = 0; c < maps_[i].channels; ++c)
                bytes.push_back(static_cast<std::uint8_t>(values[c]));
        });
}

std::uint64_t Task::window_address(std::uint64_t own) const {
    return tile_.probe->stream_address(plan_.streams.front(), first_kept(own, 0));
}

const char* Task::output_cause() const {
    const int full = stage_ ? stage_->full_stream() : -1;
    return full == -1 ? nullptr : full == -2 ? "network interface full" : "line buffer of a reader full";
}

Wait Task::wait_for_input(std::uint64_t own) const {
    const int index = missing_input(own);
    if (index < 0)
        return {};
    const auto i = static_cast<std::size_t>(index);
    const FlowPlan& plan = tile_.run.plan;
    const Stream& stream = plan.streams[static_cast<std::size_t>(plan_.streams[i])];
    const std::uint64_t missing = input(i).complete();
    Wait wait;
    wait.reason = fmt::format(
        "position {} waits for position {} of `{}` (its window needs those before {}; the stream holds "
        "{} to {} of {} places)",
        own_.global(own), missing, stream.producer < 0 ? "input" : tile_.run.layer(stream.producer).name,
        needed_until(own, i), input(i).released(), input(i).complete(), input(i).capacity());
    if (plan.imported(stream.producer))
        return wait;
    const int copy = tile_.run.placed(stream.producer)
                         .copy_of(static_cast<int>(missing % static_cast<std::uint64_t>(stream.positions)));
    for (int t : plan.tasks_of(stream.producer)) {
        const FlowTask& task = plan.tasks[static_cast<std::size_t>(t)];
        if (task.home && task.copy == copy)
            wait.producer_task = t;
    }
    return wait;
}

Wait Task::wait_for_output() const {
    const int full = stage_ ? stage_->full_stream() : -1;
    if (full == -1)
        return {};
    if (full == -2)
        return {"a finished position waits for a place in the network interface", -1};
    const Stream& stream = tile_.run.plan.streams[static_cast<std::size_t>(full)];
    return {fmt::format("finished position {} waits for room in the stream of {} places in {}", stage_->next_position(),
                        stream.capacity, tile_.run.network.mapping.tile_name(stream.tile)),
            stream.tasks.front()};
}

std::string Task::place() const {
    return fmt::format("{} in {}, layer `{}`, copy {}", plan_.home ? "home" : "share",
                       tile_.run.network.mapping.tile_name(tile_.tile), shape_.name, plan_.copy);
}

}  // namespace xloop::sim
