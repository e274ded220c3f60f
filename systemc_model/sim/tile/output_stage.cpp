#include "systemc_model/sim/tile/output_stage.hpp"

#include "core/error.hpp"
#include "core/workload/digital.hpp"
#include "systemc_model/sim/probes/bytes.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {

OutputStage::OutputStage(TileParts& tile, int task)
    : tile_(tile), task_(task), layer_(tile.run.plan.tasks[static_cast<std::size_t>(task)].layer),
      copy_(tile.run.plan.tasks[static_cast<std::size_t>(task)].copy), shape_(tile.run.layer(layer_)),
      own_(tile.run.positions_of(layer_), copy_, tile.run.placed(layer_).copy_count()),
      output_bytes_(xloop::output_bytes(shape_)),
      entries_(static_cast<std::size_t>(tile.hardware.tile.accumulator_positions)),
      destinations_(tile.run.plan.receivers(tile.run.network.mapping, layer_, copy_)) {
    const FlowPlan& plan = tile.run.plan;
    const LayerCopy& copy = tile.run.placed(layer_).copies[static_cast<std::size_t>(copy_)];
    contributors_ = std::max<int>(1, static_cast<int>(copy.tiles.size()));
    for (int t : copy.tiles)
        if (t != tile.tile)
            contributing_tiles_.push_back(t);
    for (int s : plan.streams_of(layer_)) {
        const Stream& stream = plan.streams[static_cast<std::size_t>(s)];
        if (stream.tile == tile.tile) {
            local_.push_back(s);
            continue;
        }
        remote_.push_back(
            {s, static_cast<std::uint64_t>(stream.capacity), std::vector<std::uint64_t>(stream.tasks.size(), 0)});
    }
}

std::uint64_t OutputStage::Reader::room_before() const {
    return *std::min_element(released.begin(), released.end()) + capacity;
}

OutputStage::Entry& OutputStage::begin(std::uint64_t own) {
    if (!has_entry(own) || own < retired_)
        throw Error(fmt::format("sums of position {} reach a home that has entries for {} to {}", own, retired_,
                                retired_ + entries_.size() - 1));
    Entry& e = entry(own);
    if (e.step == Step::empty) {
        e.step = Step::gathering;
        e.contributions = 0;
        e.values.assign(tile_.run.computes() ? static_cast<std::size_t>(shape_.out.channels) : 0, 0);
        begun_ = std::max(begun_, own + 1);
        high_water_ = std::max(high_water_, begun_ - retired_);
    }
    return e;
}

void OutputStage::contribute(std::uint64_t own, const std::int32_t* values) {
    Entry& e = begin(own);
    if (values)
        for (std::size_t c = 0; c < e.values.size(); ++c)
            e.values[c] += values[c];
    if (tile_.probe)
        tile_.probe->accumulate(tile_.now(), own, e.values);
    if (++e.contributions < contributors_)
        return;
    e.step = Step::finishing;
    ++in_vector_unit_;
    tile_.post({tile_.now() + static_cast<std::uint64_t>(tile_.durations.accumulate()), Action::Kind::accumulated,
                task_, own});
}

void OutputStage::operate(std::uint64_t own, std::int64_t operations, std::vector<std::int32_t> values) {
    Entry& e = begin(own);
    e.step = Step::finishing;
    e.contributions = contributors_;
    e.values = std::move(values);
    ++in_vector_unit_;
    take_vector_unit(own, operations);
}

void OutputStage::on_accumulated(std::uint64_t own) { take_vector_unit(own, shape_.out.channels); }

void OutputStage::take_vector_unit(std::uint64_t own, std::int64_t operations) {
    tile_.run.count(tile_.vector_counters, {layer_}, Event::vector_operation, operations);
    const int cycles = tile_.durations.vector_unit(operations);
    const std::uint64_t free = tile_.vector_unit.take(tile_.now(), cycles);
    if (tile_.probe)
        tile_.probe->use_vector_unit({free - static_cast<std::uint64_t>(cycles), cycles, 0}, purpose(own));
    tile_.post(
        {free + static_cast<std::uint64_t>(tile_.durations.vector_unit_latency()), Action::Kind::finished, task_, own});
}

void OutputStage::finish_values(Entry& done) const {
    if (!shape_.on_crossbars() || done.values.empty())
        return;
    if (shape_.is_output) {
        for (std::size_t c = 0; c < done.values.size(); ++c)
            done.values[c] += (*shape_.bias)[c];
        return;
    }
    FeatureMap out(done.values.size());
    finish_position(shape_, done.values.data(), out.data());
    std::copy(out.begin(), out.end(), done.values.begin());
}

void OutputStage::on_finished(std::uint64_t own) {
    --in_vector_unit_;
    finish_values(entry(own));
    tile_.staged_bytes += static_cast<std::uint64_t>(output_bytes_);
    const std::uint64_t written = tile_.write_buffer(layer_, output_bytes_);
    if (tile_.probe) {
        const TileProbe::Bytes& bytes = bytes_of(entry(own));
        tile_.probe->vector_result(tile_.now(), bytes);
        tile_.probe->write_buffer(tile_.buffer_access(written, output_bytes_), tile_.probe->output_address(task_, own),
                                  bytes, purpose(own));
    }
    tile_.post({written, Action::Kind::written, task_, own});
}

const TileProbe::Bytes& OutputStage::bytes_of(const Entry& done) const {
    TileProbe::Bytes& bytes = tile_.probe->scratch();
    bytes.clear();
    append_values(bytes, done);
    return bytes;
}

void OutputStage::append_values(TileProbe::Bytes& bytes, const Entry& done) const {
    append_words(bytes, done.values.data(), done.values.size(), output_bytes_ / shape_.out.channels);
}

int OutputStage::full_stream() const {
    if (entry(committed_).step != Step::written || committed_ >= begun_)
        return -1;
    const std::uint64_t global = own_.global(committed_);
    if (tile_.run.pipelined()) {
        for (int s : local_)
            if (!tile_.streams[static_cast<std::size_t>(s)]->has_room(global))
                return s;
        for (const Reader& reader : remote_)
            if (global >= reader.room_before())
                return reader.stream;
    }
    return !destinations_.empty() && tile_.places == 0 ? -2 : -1;
}

bool OutputStage::advance() {
    bool moved = false;
    while (committed_ < begun_ && entry(committed_).step == Step::written && full_stream() == -1) {
        commit();
        moved = true;
    }
    return moved;
}

void OutputStage::commit() {
    const std::uint64_t own = committed_++;
    for (int s : local_)
        tile_.stream(s)->arrive(own_.global(own), tile_.run.computes() ? entry(own).values.data() : nullptr);
    if (destinations_.empty())
        return retire();
    --tile_.places;
    const std::uint64_t read = tile_.read_buffer(layer_, output_bytes_);
    if (tile_.probe)
        tile_.probe->read_buffer(tile_.buffer_access(read, output_bytes_), tile_.probe->output_address(task_, own),
                                 bytes_of(entry(own)), purpose(own));
    last_read_out_ = std::max(last_read_out_, read);
    tile_.post({last_read_out_, Action::Kind::read_out, task_, own});
}

void OutputStage::on_read_out(std::uint64_t own) {
    Message message;
    message.kind = Message::Kind::data;
    message.subject = message.layer = layer_;
    message.position = own_.global(own);
    message.count = 1;
    message.image = own_.image(own);
    message.bytes = output_bytes_;
    message.values = entry(own).values;
    append_values(message.payload, entry(own));
    tile_.send(std::move(message), destinations_);
    retire();
}

void OutputStage::retire() {
    const std::uint64_t own = retired_++;
    entry(own).step = Step::empty;
    tile_.staged_bytes -= static_cast<std::uint64_t>(output_bytes_);
    tile_.run.include(layer_, own_.image(own), tile_.now());
    tile_.run.last_progress = std::max(tile_.run.last_progress, tile_.now());
    ++tile_.run.sums(layer_).finished_positions;
    if (tile_.run.probe)
        tile_.run.probe->position_finished(layer_, own_.image(own));
    if (contributing_tiles_.empty())
        return;
    Message credit;
    credit.kind = Message::Kind::entry_credit;
    credit.subject = credit.layer = layer_;
    credit.copy = copy_;
    credit.position = retired_;
    credit.image = own_.image(own);
    tile_.send(std::move(credit), contributing_tiles_);
}

void OutputStage::on_credit(int stream, int reader, std::uint64_t position) {
    for (Reader& r : remote_)
        if (r.stream == stream) {
            std::uint64_t& released = r.released[static_cast<std::size_t>(reader)];
            released = std::max(released, position);
        }
}

int OutputStage::contributions(std::uint64_t own) const {
    return own < begun_ && own >= retired_ && entry(own).step != Step::empty ? entry(own).contributions : 0;
}

std::string OutputStage::state() const {
    if (committed_ == begun_)
        return fmt::format("{} positions sent", retired_);
    const Entry& next = entry(committed_);
    if (next.step == Step::gathering)
        return fmt::format("position {} has the sums of {} of {} tiles", committed_, next.contributions, contributors_);
    return fmt::format("position {} is {}", committed_,
                       next.step == Step::written ? "finished and not sent" : "being finished");
}

}  // namespace xloop::sim
