#include "systemc_model/estimate/time_line.hpp"

#include "systemc_model/estimate/line_builder.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace xloop {
namespace {

/// Images after which streams without slack have found their pace: the last two are compared.
constexpr int images_to_settle = 3;

/// Runs of a layer that are kept: types of tiles and ways through the network come and go.
constexpr std::size_t most_kept = 64;
/// Up to it sums and differences of whole numbers are exact, with two bits to spare.
constexpr Ticks longest_exact = 0x1p51;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Appends a struct of which every member is a Ticks.
template <class Constants>
void append(std::vector<Ticks>& all, const Constants& constants) {
    static_assert(std::is_trivially_copyable_v<Constants> && sizeof(Constants) % sizeof(Ticks) == 0);
    const std::size_t before = all.size();
    all.resize(before + sizeof(Constants) / sizeof(Ticks));
    std::memcpy(&all[before], &constants, sizeof(Constants));
}

/// Positions of the first images through the chip: every step of a position begins when all that it needs is there. A
/// recurrence in maxima and sums over the bounded dataflow graph that the flow plan describes (a max-plus system: Baccelli
/// et al., Synchronization and Linearity, 1992), evaluated in the order of positions.
///
/// Layer by layer, a layer that has the same constants and gets its maps at the same distances as before does the same, as much
/// later as they come: that is not followed again.
class TimeLine {
public:
    TimeLine(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
             const RoundActivity& activity, int images)
        : geometry_(geometry), network_(network), activity_(activity),
          builder_(geometry, network, plan, activity, images), pipelined_(network.hardware.pipelined()),
          images_(images),
          followed_(pipelined_ && images > 1 && network.hardware.mapping.line_buffer_slack_rows == 0 ? images_to_settle
                                                                                                     : 1),
          streams_(builder_.streams(followed_)), lines_(builder_.lines()), ends_(at(followed_), 0.0) {
        for (int producer : plan.imports)
            imports_.push_back({builder_.import_receivers(producer),
                                LineBuilder::ticks(builder_.import_spacing(producer)),
                                import_burst(geometry.graph(), producer), 0});
        for (const LayerLine& line : lines_)
            spans_.push_back({line.index, static_cast<int>(line.copies.size()), never, 0.0});
    }

    RoundTimes run(LayerRuns* runs) {
        if (runs && !pipelined_)
            follow_unknown(*runs);
        for (bool moved = true; moved;) {
            moved = send_imports();
            for (std::size_t l = 0; l < lines_.size(); ++l)
                moved = advance(lines_[l], spans_[l]) || moved;
        }
        return times();
    }

private:
    struct Import {
        std::vector<Receiver> receivers;
        Ticks spacing;    ///< of rows
        int burst, next;  ///< positions of a row; position that is next
    };
    /// A layer's first fetch, its last position, and the waits of all copies; in ticks.
    using Span = RoundTimes::Layer;

    /// When there is room for a position in all streams, as the sender learns it; below 0: not known yet.
    Ticks room(const std::vector<Receiver>& receivers, int position) const {
        Ticks free = 0;
        if (!pipelined_)
            return free;
        for (const Receiver& receiver : receivers) {
            const StreamTimes& stream = streams_[at(receiver.stream)];
            const int needed = position - stream.capacity;
            if (needed < 0)
                continue;
            if (needed >= stream.known_releases)
                return -1;
            free = std::max(free, stream.released[at(needed)] + receiver.credit);
        }
        return free;
    }

    /// The i/o node sends row after row, the maps in turn.
    bool send_imports() {
        bool moved = false;
        for (bool sent = true; sent;) {
            sent = false;
            for (Import& import : imports_)
                sent = send_row(import) || sent;
            moved = moved || sent;
        }
        return moved;
    }

    bool send_row(Import& import) {
        if (import.next == followed_ * streams_[at(import.receivers.front().stream)].positions)
            return false;
        const Ticks free = room(import.receivers, import.next + import.burst - 1);
        if (free < 0)
            return false;
        const Ticks sent = border_.take(free, import.spacing);
        for (const Receiver& receiver : import.receivers) {
            StreamTimes& stream = streams_[at(receiver.stream)];
            work_until(import.next / stream.positions, sent + receiver.delay);
            for (int p = import.next; p < import.next + import.burst; ++p)
                stream.arrive(p, sent + receiver.delay);
        }
        import.next += import.burst;
        return true;
    }

    /// Takes a layer as far as it can go.
    bool advance(LayerLine& line, Span& span) {
        bool moved = false;
        const LayerWindows& windows = geometry_.windows(line.index);
        while (line.image < followed_) {
            if (!line.made &&
                !(line.inputs.empty() ? make_sums(line, windows, span) : make_digital(line, windows, span)))
                break;
            line.made = true;
            if (!commit(line, span))
                break;
            line.advance();
            moved = true;
        }
        return moved;
    }

    /// When the window of the next position has arrived (layer by layer: the whole map); below 0: not known yet.
    Ticks ready(const LayerLine& line, const LayerWindows& windows, int stream) const {
        const StreamTimes& times = streams_[at(stream)];
        if (!pipelined_)
            return times.complete == times.positions ? times.arrived.front() : -1;
        const int last = windows.last_in(at(line.own), times.positions);
        if (last < 0)
            return 0;
        const int needed = line.image * times.positions + last;
        return needed < times.complete ? times.arrived[at(needed)] : -1;
    }

    /// After a fetch: all before the window of the position that the same copy makes next.
    void release(const LayerLine& line, const LayerWindows& windows, const Input& input, Ticks time) {
        if (!pipelined_)
            return;
        StreamTimes& times = streams_[at(input.stream)];
        const int next = line.own + static_cast<int>(line.copies.size());
        const bool here = next < line.positions;
        const int first = windows.first_in(here ? at(next) : line.copy, times.positions);
        times.release(input.reader, (line.image + (here ? 0 : 1)) * times.positions + first, time);
    }

    /// Fetch, reads and sums of the next position; finished in the home's buffer.
    bool make_sums(LayerLine& line, const LayerWindows& windows, Span& span) {
        CopyLine& copy = line.copies[line.copy];
        for (PartLine& part : copy.parts)
            if ((part.window_here = ready(line, windows, part.input.stream)) < 0)
                return false;
        Ticks summed = -never, last_fetch = copy.fetches.free, first_fetch = never;
        for (PartLine& part : copy.parts) {
            const Ticks begin = std::max({part.window_here, part.input_register.oldest(), copy.fetches.free});
            first_fetch = std::min(first_fetch, begin);
            last_fetch = std::max(last_fetch, begin);
            // The bus follows the buffer word by word; windows reach the registers in order.
            const Ticks first_word = begin + part.of.first_word;
            part.fetched = std::max({part.fetched, first_word + part.of.window_port,
                                     part.bus.take(first_word, part.of.fetch_bus) + part.of.fetch_bus});
            release(line, windows, part.input, part.fetched);
            read_and_gather(part, copy);
            summed = std::max(summed, part.sent + part.of.to_home);
        }
        copy.fetches.free = last_fetch + copy.of.pace;
        if (line.image == 0)
            span.start = std::min(span.start, first_fetch);
        if (copy.queued < 0)
            copy.queued = first_sum(copy) - summed;
        const Ticks sums = copy.summed.take(summed + copy.queued, copy.of.sums);
        const Ticks finished = copy.unit.take(sums + copy.of.accumulate, copy.of.vector_unit) + copy.of.vector_unit;
        copy.written = finished + copy.of.vector_latency + copy.of.write;
        return true;
    }

    /// Reads begin when the rows are free and a result has a place; sums leave the output register when the accumulate unit
    /// has an entry for them, and the tile when the home has one.
    void read_and_gather(PartLine& part, const CopyLine& copy) {
        const Ticks start = std::max({part.fetched, part.rows_free, part.output_register.oldest()});
        const Ticks first_held = std::max(start + part.of.read, part.of.holds ? part.converters_free : 0);
        const Ticks last_held = first_held + part.of.held;
        part.converters_free = last_held + part.of.sweep;
        part.rows_free = part.of.holds ? last_held : part.converters_free;
        part.input_register.push(last_held);
        const Ticks entry = copy.entries.oldest();
        const Ticks result = part.converters_free + part.of.finish_sums;
        part.gathered = std::max(result, part.of.home ? entry : part.entries.oldest()) + part.of.gather_bus;
        part.output_register.push(part.gathered);
        part.sent = part.of.home || entry <= 0 ? part.gathered : std::max(part.gathered, entry + part.of.credit);
        part.entries.push(part.sent);
    }

    /// Partial sums of one position reach the home together: its port takes one flit a cycle, its bus one packet.
    static Ticks first_sum(const CopyLine& copy) {
        struct Arrival {
            Ticks head, port, bus;
        };
        std::vector<Arrival> arrivals;
        Ticks port = 0, bus = 0;
        for (const PartLine& part : copy.parts) {
            const PartLine::Constants& of = part.of;
            if (of.home)
                bus = std::max(bus, part.sent);
            else
                arrivals.push_back({part.sent + of.to_home - of.sum_bus - of.sum_port, of.sum_port, of.sum_bus});
        }
        std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.head < b.head; });
        for (const Arrival& a : arrivals) {
            port = std::max(port, a.head) + a.port;
            bus = std::max(bus, port) + a.bus;
        }
        return bus;
    }

    /// A layer without a matrix: window from the buffer over the bus to the vector unit.
    bool make_digital(LayerLine& line, const LayerWindows& windows, Span& span) {
        CopyLine& copy = line.copies.front();
        Ticks begin = copy.entries.oldest();
        for (const Input& input : line.inputs) {
            const Ticks here = ready(line, windows, input.stream);
            if (here < 0)
                return false;
            begin = std::max(begin, here);
        }
        if (line.image == 0)
            span.start = std::min(span.start, begin);
        const LayerLine::Work& work = line.works[at(windows.part_of[at(line.own)])];
        const Ticks first_word = copy.fetches.take(begin, work.spacing) + copy.of.first_word;
        const Ticks fetched = std::max(first_word + work.port, copy.bus.take(first_word, work.bus) + work.bus);
        for (const Input& input : line.inputs)
            release(line, windows, input, fetched);
        const Ticks finished = copy.unit.take(fetched, work.vector_unit) + work.vector_unit;
        copy.written = finished + copy.of.vector_latency + copy.of.write;
        return true;
    }

    /// A finished position leaves when every stream has room for it and the network interface a place.
    bool commit(LayerLine& line, Span& span) {
        CopyLine& copy = line.copies[line.copy];
        const int position = line.number();
        const Ticks free = room(copy.receivers, position);
        if (free < 0)
            return false;
        if (line.image == 0)
            span.waited += std::max(free - std::max(copy.written, copy.committed), 0.0);
        copy.committed = std::max({copy.written, copy.committed, free, copy.of.sends ? copy.places.oldest() : 0.0});
        copy.retired = std::max(copy.retired, copy.committed + copy.of.read_out);
        copy.entries.push(copy.retired);
        Ticks sent = copy.retired;
        if (copy.of.sends) {
            sent = copy.interface.take(sent, copy.of.message);
            if (line.copies.size() > 1)  // their messages meet on the way
                sent = line.port.take(sent, line.port_spacing);
            copy.places.push(sent + copy.of.message);
        }
        if (line.image == 0)
            span.end = std::max(span.end, copy.retired);
        position_leaves(copy, line.image, position, copy.committed, sent);
        copy.sent = sent;
        return true;
    }

    void position_leaves(const CopyLine& copy, int image, int position, Ticks committed, Ticks sent) {
        for (const Receiver& receiver : copy.receivers) {
            const Ticks arrived = receiver.delay > 0 ? sent + receiver.delay : committed;
            work_until(image, arrived);
            streams_[at(receiver.stream)].arrive(position, arrived);
        }
        if (copy.to_io >= 0)
            ends_[at(image)] = std::max(ends_[at(image)], sent + copy.to_io);
    }

    /// Ends of maps that nobody reads are made and sent all the same, perhaps after the last logit.
    void work_until(int image, Ticks time) {
        if (image == 0)
            end_ = std::max(end_, time);
    }

    /// Layer after layer, as all that a layer reads is there when its turn comes.
    void follow_unknown(LayerRuns& runs) {
        runs.resize(network_.graph.layers.size());
        send_imports();
        for (std::size_t l = 0; l < lines_.size(); ++l) {
            LayerLine& line = lines_[l];
            const Ticks begin = arrival_of(inputs_of(line).front());
            std::map<std::vector<double>, LayerRun>& of_layer = runs[at(line.index)];
            std::vector<double> all = all_that_decides(line, begin);
            const auto known = of_layer.find(all);
            if (known != of_layer.end() && begin + known->second.last < longest_exact) {
                take(known->second, line, spans_[l], begin);
                continue;
            }
            advance(line, spans_[l]);
            const LayerRun run = run_of(line, spans_[l], begin);
            if (begin + run.last >= longest_exact)
                continue;
            if (of_layer.size() >= most_kept)
                of_layer.clear();
            of_layer.emplace(std::move(all), run);
        }
    }

    static std::vector<Input> inputs_of(const LayerLine& line) {
        std::vector<Input> inputs = line.inputs;
        for (const CopyLine& copy : line.copies)
            for (const PartLine& part : copy.parts)
                inputs.push_back(part.input);
        return inputs;
    }
    Ticks arrival_of(const Input& input) const { return streams_[at(input.stream)].arrived.front(); }

    /// Ways out of the layer's tiles are not among it: they begin where its run ends.
    std::vector<double> all_that_decides(const LayerLine& line, Ticks begin) const {
        std::vector<double> all{static_cast<double>(line.copies.size()), line.port_spacing};
        for (const Input& input : inputs_of(line))
            all.push_back(arrival_of(input) - begin);
        for (const LayerLine::Work& work : line.works)
            append(all, work);
        for (const CopyLine& copy : line.copies) {
            all.push_back(static_cast<double>(copy.parts.size()));
            append(all, copy.of);
            for (const PartLine& part : copy.parts)
                append(all, part.of);
        }
        return all;
    }

    static LayerRun run_of(const LayerLine& line, const Span& span, Ticks begin) {
        LayerRun run{{}, span.start - begin, span.end - begin, span.end - begin};
        for (std::size_t r = 0; r < std::min(line.copies.size(), at(line.positions)); ++r) {
            run.copies.push_back({line.copies[r].committed - begin, line.copies[r].sent - begin});
            run.last = std::max(run.last, run.copies.back().sent);
        }
        return run;
    }

    void take(const LayerRun& run, LayerLine& line, Span& span, Ticks begin) {
        span.start = begin + run.start;
        span.end = begin + run.end;
        for (std::size_t r = 0; r < run.copies.size(); ++r)
            position_leaves(line.copies[r], 0, line.positions - 1, begin + run.copies[r].committed,
                            begin + run.copies[r].sent);
        line.image = followed_;
    }

    RoundTimes times() const {
        const auto cycles = [](Ticks ticks) { return LineBuilder::cycles(ticks); };
        RoundTimes times;
        times.latency = cycles(ends_.front());
        times.end = std::max(cycles(end_), times.latency);
        times.interval = times.latency;
        if (pipelined_)
            times.interval =
                std::max(builder_.slowest_part(),
                         followed_ > 1 ? cycles(ends_[at(followed_) - 1] - ends_[at(followed_) - 2]) : 0.0);
        for (std::size_t l = 0; l < lines_.size(); ++l) {
            Span layer = spans_[l];
            layer.start = cycles(layer.start);
            layer.end = cycles(layer.end);
            layer.waited = cycles(layer.waited) / layer.copies;
            times.end = std::max(times.end, layer.end);
            const double time = std::max(layer.end - layer.start, 1.0);
            // Layer by layer, the messages of one source do not meet others.
            if (pipelined_ || layer.copies > 1)
                layer.port_load = lines_[l].port_cycles * lines_[l].positions / time;
            layer.part_load = lines_[l].part_cycles / time;
            times.layers.push_back(layer);
        }
        if (!pipelined_)
            return times;
        times.port_load = flit_cycles(network_.hardware) * static_cast<double>(activity_.network.busiest_port()) /
                          images_ / times.interval;
        for (int t = 0; t < network_.mapping.tiles(); ++t)
            if (const LineBuilder::Load load = builder_.load_of(t); builder_.busiest(load, t) > 0)
                times.parts.push_back({t, load.bus / times.interval,
                                       load.port / network_.tile_hardware(t).buffer.ports / times.interval,
                                       load.vector_unit / times.interval});
        return times;
    }

    const FlowGeometry& geometry_;
    const MappedNetwork& network_;
    const RoundActivity& activity_;
    LineBuilder builder_;
    bool pipelined_;
    int images_;    ///< that `activity_` counts
    int followed_;  ///< images that the recurrence follows
    std::vector<StreamTimes> streams_;
    std::vector<LayerLine> lines_;
    std::vector<Import> imports_;
    Spaced border_;            ///< the i/o node's way into the network
    std::vector<Ticks> ends_;  ///< of the images
    Ticks end_ = 0;            ///< of the first image: until its positions have arrived everywhere
    std::vector<Span> spans_;  ///< of the lines
};

}  // namespace

RoundTimes estimate_round(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
                          const RoundActivity& activity, int images, LayerRuns* runs) {
    return TimeLine(geometry, network, plan, activity, images).run(runs);
}

}  // namespace xloop
