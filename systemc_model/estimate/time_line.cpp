#include "systemc_model/estimate/time_line.hpp"

#include "systemc_model/estimate/line_builder.hpp"

#include <algorithm>

namespace xloop {
namespace {

/// Images after which streams without slack have found their pace: the last two are compared.
constexpr int images_to_settle = 3;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Positions of the first images through the chip: every step of a position begins when all that it needs is there. A
/// recurrence in maxima and sums over the bounded dataflow graph that the flow plan describes (a max-plus system: Baccelli
/// et al., Synchronization and Linearity, 1992), evaluated in the order of positions.
class TimeLine {
public:
    TimeLine(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
             const RoundActivity& activity, int images)
        : geometry_(geometry), network_(network), activity_(activity),
          builder_(geometry, network, plan, activity, images), pipelined_(network.hardware.pipelined()),
          flit_(flit_cycles(network.hardware)), images_(images),
          followed_(pipelined_ && images > 1 && network.hardware.mapping.line_buffer_slack_rows == 0 ? images_to_settle
                                                                                                     : 1),
          streams_(builder_.streams(followed_)), lines_(builder_.lines()), ends_(at(followed_), 0.0) {
        for (int producer : plan.imports)
            imports_.push_back({builder_.import_receivers(producer), builder_.import_spacing(producer),
                                import_burst(geometry.graph(), producer), 0});
        for (const LayerLine& line : lines_)
            result_.layers.push_back({line.index, static_cast<int>(line.copies.size()), never, 0.0});
    }

    RoundTimes run() {
        for (bool moved = true; moved;) {
            moved = send_imports();
            for (std::size_t l = 0; l < lines_.size(); ++l)
                moved = advance(lines_[l], result_.layers[l]) || moved;
        }
        result_.latency = ends_.front();
        result_.end = std::max(result_.end, result_.latency);
        result_.interval = result_.latency;
        if (pipelined_)
            result_.interval = std::max(builder_.slowest_part(),
                                        followed_ > 1 ? ends_[at(followed_) - 1] - ends_[at(followed_) - 2] : 0.0);
        add_loads();
        return std::move(result_);
    }

private:
    struct Import {
        std::vector<Receiver> receivers;
        double spacing;   ///< of rows
        int burst, next;  ///< positions of a row; position that is next
    };

    /// When there is room for a position in all streams, as the sender learns it; below 0: not known yet.
    double room(const std::vector<Receiver>& receivers, int position) const {
        double latest = 0.0;
        if (!pipelined_)
            return latest;
        for (const Receiver& receiver : receivers) {
            const StreamTimes& stream = streams_[at(receiver.stream)];
            const int needed = position - stream.capacity;
            if (needed < 0)
                continue;
            if (needed >= stream.known_releases)
                return -1.0;
            latest = std::max(latest, stream.released[at(needed)] + receiver.credit);
        }
        return latest;
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
        const double free = room(import.receivers, import.next + import.burst - 1);
        if (free < 0)
            return false;
        const double sent = border_.take(free, import.spacing);
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
    bool advance(LayerLine& line, RoundTimes::Layer& span) {
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
    double ready(const LayerLine& line, const LayerWindows& windows, int stream) const {
        const StreamTimes& times = streams_[at(stream)];
        const int last = pipelined_ ? windows.last_in(at(line.own), times.positions) : times.positions - 1;
        if (last < 0)
            return 0.0;
        const int needed = line.image * times.positions + last;
        return needed < times.complete ? times.arrived[at(needed)] : -1.0;
    }

    /// After a fetch: all before the window of the position that the same copy makes next.
    void release(const LayerLine& line, const LayerWindows& windows, const Input& input, double time) {
        StreamTimes& times = streams_[at(input.stream)];
        const int next = line.own + static_cast<int>(line.copies.size());
        const bool here = next < line.positions;
        const int first = windows.first_in(here ? at(next) : line.copy, times.positions);
        times.release(input.reader, (line.image + (here ? 0 : 1)) * times.positions + first, time);
    }

    /// Fetch, reads and sums of the next position; finished in the home's buffer.
    bool make_sums(LayerLine& line, const LayerWindows& windows, RoundTimes::Layer& span) {
        CopyLine& copy = line.copies[line.copy];
        for (PartLine& part : copy.parts)
            if ((part.window_here = ready(line, windows, part.input.stream)) < 0)
                return false;
        double summed = -never, last_fetch = copy.fetches.free, first_fetch = never;
        for (PartLine& part : copy.parts) {
            const double begin = std::max({part.window_here, part.input_register.oldest(), copy.fetches.free});
            first_fetch = std::min(first_fetch, begin);
            last_fetch = std::max(last_fetch, begin);
            // The bus follows the buffer word by word; windows reach the registers in order.
            const double first_word = begin + part.durations->buffer_latency();
            part.fetched = std::max({part.fetched, first_word + part.window_port,
                                     part.bus.take(first_word, part.fetch_bus) + part.fetch_bus});
            release(line, windows, part.input, part.fetched);
            read_and_gather(part, copy);
            summed = std::max(summed, part.sent + part.to_home);
        }
        copy.fetches.free = last_fetch + copy.pace;
        if (line.image == 0)
            span.start = std::min(span.start, first_fetch);
        if (copy.queued < 0)
            copy.queued = first_sum(copy) - summed;
        const double sums = copy.summed.take(summed + copy.queued, copy.sums);
        const double finished =
            copy.unit.take(sums + copy.durations->accumulate(), copy.vector_unit) + copy.vector_unit;
        copy.written = finished + copy.durations->vector_unit_latency() + copy.write;
        return true;
    }

    /// Reads begin when the rows are free and a result has a place; sums leave the output register when the accumulate unit
    /// has an entry for them, and the tile when the home has one.
    void read_and_gather(PartLine& part, const CopyLine& copy) {
        const double start = std::max({part.fetched, part.rows_free, part.output_register.oldest()});
        const double first_held = std::max(start + part.read, part.holds ? part.converters_free : 0.0);
        const double last_held = first_held + part.held;
        part.converters_free = last_held + part.sweep;
        part.rows_free = part.holds ? last_held : part.converters_free;
        part.input_register.push(last_held);
        const double entry = copy.entries.oldest();
        const double result = part.converters_free + part.finish_sums;
        part.gathered = std::max(result, part.task->home ? entry : part.entries.oldest()) + part.gather_bus;
        part.output_register.push(part.gathered);
        part.sent = part.task->home || entry <= 0.0 ? part.gathered : std::max(part.gathered, entry + part.credit);
        part.entries.push(part.sent);
    }

    /// Partial sums of one position reach the home together: its port takes one flit a cycle, its bus one packet.
    double first_sum(const CopyLine& copy) const {
        struct Arrival {
            double head, flits, bus;
        };
        std::vector<Arrival> arrivals;
        double port = 0, bus = 0;
        for (const PartLine& part : copy.parts) {
            if (part.task->home) {
                bus = std::max(bus, part.sent);
                continue;
            }
            const std::int64_t bytes = part.task->work.partial_bytes();
            const double flits = flit_ * copy.durations->flits(bytes), on_bus = copy.durations->bus(bytes);
            arrivals.push_back({part.sent + part.to_home - on_bus - flits, flits, on_bus});
        }
        std::sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.head < b.head; });
        for (const Arrival& a : arrivals) {
            port = std::max(port, a.head) + a.flits;
            bus = std::max(bus, port) + a.bus;
        }
        return bus;
    }

    /// A layer without a matrix: window from the buffer over the bus to the vector unit.
    bool make_digital(LayerLine& line, const LayerWindows& windows, RoundTimes::Layer& span) {
        CopyLine& copy = line.copies.front();
        double begin = copy.entries.oldest();
        for (const Input& input : line.inputs) {
            const double here = ready(line, windows, input.stream);
            if (here < 0)
                return false;
            begin = std::max(begin, here);
        }
        if (line.image == 0)
            span.start = std::min(span.start, begin);
        const LayerLine::Work& work = line.works[at(windows.part_of[at(line.own)])];
        const double first_word =
            copy.fetches.take(begin, (work.port + copy.accesses) / copy.ports) + copy.durations->buffer_latency();
        const double fetched = std::max(first_word + work.port, copy.bus.take(first_word, work.bus) + work.bus);
        for (const Input& input : line.inputs)
            release(line, windows, input, fetched);
        const double finished = copy.unit.take(fetched, work.vector_unit) + work.vector_unit;
        copy.written = finished + copy.durations->vector_unit_latency() + copy.write;
        return true;
    }

    /// A finished position leaves when every stream has room for it and the network interface a place.
    bool commit(LayerLine& line, RoundTimes::Layer& span) {
        CopyLine& copy = line.copies[line.copy];
        const int position = line.number();
        const double free = room(copy.receivers, position);
        if (free < 0)
            return false;
        if (line.image == 0)
            span.waited +=
                std::max(free - std::max(copy.written, copy.committed), 0.0) / static_cast<double>(span.copies);
        copy.committed = std::max({copy.written, copy.committed, free, copy.sends() ? copy.places.oldest() : 0.0});
        copy.retired = std::max(copy.retired, copy.committed + copy.read_out);
        copy.entries.push(copy.retired);
        double sent = copy.retired;
        if (copy.sends()) {
            sent = copy.interface.take(sent, copy.message);
            if (line.copies.size() > 1)  // their messages meet on the way
                sent = line.port.take(sent, line.port_spacing);
            copy.places.push(sent + copy.message);
        }
        for (const Receiver& receiver : copy.receivers) {
            const double arrived = receiver.delay > 0 ? sent + receiver.delay : copy.committed;
            work_until(line.image, arrived);
            streams_[at(receiver.stream)].arrive(position, arrived);
        }
        if (copy.to_io >= 0)
            ends_[at(line.image)] = std::max(ends_[at(line.image)], sent + copy.to_io);
        work_until(line.image, copy.retired);
        if (line.image == 0)
            span.end = std::max(span.end, copy.retired);
        return true;
    }

    /// Ends of maps that nobody reads are made and sent all the same, perhaps after the last logit.
    void work_until(int image, double time) {
        if (image == 0)
            result_.end = std::max(result_.end, time);
    }

    void add_loads() {
        for (std::size_t l = 0; l < lines_.size(); ++l) {
            RoundTimes::Layer& layer = result_.layers[l];
            const double time = std::max(layer.end - layer.start, 1.0);
            // Layer by layer, the messages of one source do not meet others.
            if (pipelined_ || layer.copies > 1)
                layer.port_load = lines_[l].port_spacing * lines_[l].positions / time;
            layer.part_load = lines_[l].part_time / time;
        }
        if (!pipelined_)
            return;
        result_.port_load = flit_ * static_cast<double>(activity_.network.busiest_port()) / images_ / result_.interval;
        for (int t = 0; t < network_.mapping.tiles(); ++t)
            if (const LineBuilder::Load load = builder_.load_of(t); builder_.busiest(load, t) > 0)
                result_.parts.push_back({t, load.bus / result_.interval,
                                         load.port / network_.tile_hardware(t).buffer.ports / result_.interval,
                                         load.vector_unit / result_.interval});
    }

    const FlowGeometry& geometry_;
    const MappedNetwork& network_;
    const RoundActivity& activity_;
    LineBuilder builder_;
    bool pipelined_;
    double flit_;
    int images_;    ///< that `activity_` counts
    int followed_;  ///< images that the recurrence follows
    std::vector<StreamTimes> streams_;
    std::vector<LayerLine> lines_;
    std::vector<Import> imports_;
    Spaced border_;             ///< the i/o node's way into the network
    std::vector<double> ends_;  ///< of the images
    RoundTimes result_;
};

}  // namespace

RoundTimes estimate_round(const FlowGeometry& geometry, const MappedNetwork& network, const FlowPlan& plan,
                          const RoundActivity& activity, int images) {
    return TimeLine(geometry, network, plan, activity, images).run();
}

}  // namespace xloop
