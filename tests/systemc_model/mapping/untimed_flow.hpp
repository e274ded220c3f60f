#pragma once

#include "systemc_model/mapping/flow_plan.hpp"

#include <cstdint>
#include <vector>

namespace xloop::test {

/// The dataflow of a plan without time, with its buffers' bounds: every task reads its windows in own order when they
/// are there, keeps at most `positions_under_way` of them, and sends a position to all streams at once when all have
/// room.
class UntimedFlow {
public:
    UntimedFlow(const WorkloadGraph& graph, const Mapping& mapping, const FlowPlan& plan, int images,
                int positions_under_way)
        : graph_(graph), geometry_(graph), mapping_(mapping), plan_(plan), images_(images),
          under_way_(positions_under_way), read_(plan.tasks.size(), 0), sent_(plan.tasks.size(), 0),
          imported_(plan.imports.size(), 0) {
        for (const Stream& stream : plan.streams) {
            arrived_.emplace_back(static_cast<std::size_t>(stream.positions) * static_cast<std::size_t>(images), false);
            released_.emplace_back(stream.tasks.size(), 0);
            complete_.push_back(0);
        }
        for (int producer = -1; producer < static_cast<int>(graph.layers.size()); ++producer)
            streams_.push_back(plan.streams_of(producer));
        for (std::size_t t = 0; t < plan.tasks.size(); ++t)
            for (std::size_t other = 0; other < plan.tasks.size(); ++other)
                if (plan.tasks[other].layer == plan.tasks[t].layer && plan.tasks[other].copy == plan.tasks[t].copy &&
                    plan.tasks[other].home)
                    home_.push_back(other);
        shares_.resize(plan.tasks.size());
        for (std::size_t t = 0; t < plan.tasks.size(); ++t)
            shares_[home_[t]].push_back(t);
    }

    /// True when all images pass. Tasks have their turns in rising or falling order; each goes as far as it can.
    bool finishes(bool falling = false) {
        const int tasks = static_cast<int>(plan_.tasks.size());
        for (bool moved = true; moved;) {
            moved = false;
            for (int n = 0; n < tasks; ++n) {
                const int t = falling ? tasks - 1 - n : n;
                while (try_read(t) || try_send(t))
                    moved = true;
            }
            for (std::size_t i = 0; i < plan_.imports.size(); ++i)
                moved = try_import(i) || moved;
        }
        for (int t = 0; t < tasks; ++t)
            if (read_[at(t)] < own_total(t) || (plan_.tasks[at(t)].home && sent_[at(t)] < own_total(t)))
                return false;
        return true;
    }

private:
    static std::size_t at(int index) { return static_cast<std::size_t>(index); }
    const GraphLayer& layer(int t) const { return graph_.layers[at(plan_.tasks[at(t)].layer)]; }
    std::int64_t copies(int t) const { return mapping_.layers[at(plan_.tasks[at(t)].layer)].copy_count(); }
    std::int64_t own_per_image(int t) const {
        return (layer(t).positions() - plan_.tasks[at(t)].copy + copies(t) - 1) / copies(t);
    }
    std::int64_t own_total(int t) const { return own_per_image(t) * images_; }
    std::int64_t image(int t, std::int64_t own) const { return own / own_per_image(t); }
    int position(int t, std::int64_t own) const {
        return static_cast<int>(own % own_per_image(t) * copies(t) + plan_.tasks[at(t)].copy);
    }

    bool try_read(int t) {
        const FlowTask& task = plan_.tasks[at(t)];
        const std::int64_t own = read_[at(t)];
        if (own == own_total(t) || own - sent_[home_[at(t)]] >= under_way_)
            return false;
        for (int s : task.streams) {
            const std::int64_t before = image(t, own) * plan_.streams[at(s)].positions;
            if (complete_[at(s)] < before + geometry_.windows(task.layer).last[at(position(t, own))] + 1)
                return false;
        }
        ++read_[at(t)];
        for (int s : task.streams) {
            const Stream& stream = plan_.streams[at(s)];
            for (std::size_t r = 0; r < stream.tasks.size(); ++r)
                if (stream.tasks[r] == t)
                    released_[at(s)][r] = image(t, own + 1) * stream.positions +
                                          geometry_.windows(task.layer).first[at(position(t, own + 1))];
        }
        return true;
    }

    bool try_send(int t) {
        const FlowTask& task = plan_.tasks[at(t)];
        const std::int64_t own = sent_[at(t)];
        if (!task.home || own == own_total(t))
            return false;
        for (std::size_t share : shares_[at(t)])
            if (read_[share] <= own)
                return false;
        const std::int64_t number = image(t, own) * layer(t).positions() + position(t, own);
        if (!has_room(task.layer, number))
            return false;
        ++sent_[at(t)];
        arrive(task.layer, number);
        return true;
    }

    bool try_import(std::size_t i) {
        const int producer = plan_.imports[i];
        const std::int64_t positions = (producer < 0 ? graph_.input : graph_.layers[at(producer)].out).positions();
        const int burst = import_burst(graph_, producer);
        if (imported_[i] == positions * images_ || !has_room(producer, imported_[i] + burst - 1))
            return false;
        for (int b = 0; b < burst; ++b)
            arrive(producer, imported_[i]++);
        return true;
    }

    bool has_room(int producer, std::int64_t number) const {
        for (int s : streams_[at(producer + 1)])
            for (std::int64_t released : released_[at(s)])
                if (number >= released + plan_.streams[at(s)].capacity)
                    return false;
        return true;
    }

    void arrive(int producer, std::int64_t number) {
        for (int s : streams_[at(producer + 1)]) {
            std::vector<bool>& arrived = arrived_[at(s)];
            arrived[static_cast<std::size_t>(number)] = true;
            std::int64_t& complete = complete_[at(s)];
            while (complete < static_cast<std::int64_t>(arrived.size()) && arrived[static_cast<std::size_t>(complete)])
                ++complete;
        }
    }

    const WorkloadGraph& graph_;
    FlowGeometry geometry_;
    const Mapping& mapping_;
    const FlowPlan& plan_;
    std::int64_t images_, under_way_;
    std::vector<std::int64_t> read_, sent_, imported_;
    std::vector<std::vector<bool>> arrived_;
    std::vector<std::vector<std::int64_t>> released_;
    std::vector<std::int64_t> complete_;
    std::vector<std::vector<int>> streams_;         ///< of each producer, -1 first
    std::vector<std::size_t> home_;                 ///< task that each task sends its sums to
    std::vector<std::vector<std::size_t>> shares_;  ///< of each home
};

}  // namespace xloop::test
