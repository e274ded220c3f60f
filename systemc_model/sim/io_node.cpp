#include "systemc_model/sim/io_node.hpp"

#include "core/error.hpp"
#include "core/workload/digital.hpp"
#include "systemc_model/sim/probes/bytes.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop::sim {

IoNode::IoNode(const sc_core::sc_module_name& name, Scheduler& scheduler, RunState& run, NetworkModule& network,
               std::function<void(int)> image_done)
    : Agent(name, scheduler), run_(run), network_(network), image_done_(std::move(image_done)),
      places_(run.network.hardware.noc.interface_packets) {
    if (run_.probe)
        counters_.number = run_.probe->declare_instance(this->name());
}

void IoNode::add_image(const std::uint8_t* pixels, std::uint64_t cycle) {
    pixels_.push_back(pixels);
    images_.emplace_back();
    logits_.emplace_back(run_.computes() ? static_cast<std::size_t>(run_.network.graph.logit_count()) : 0);
    for (RunState::LayerSums& layer : run_.layers)
        layer.images.emplace_back();
    for (KindBooks& books : run_.kinds)
        books.image_data.emplace_back();
    ++run_.images;
    wake_at(cycle);
}

void IoNode::begin_round(std::uint64_t cycle) {
    imports_.clear();
    current_image_ = 0;
    for (int producer : run_.plan.imports) {
        Import import{producer,
                      run_.positions_of(producer),
                      static_cast<std::uint64_t>(import_burst(run_.network.graph, producer)),
                      0,
                      position_bytes(run_.network.graph, producer),
                      {},
                      {}};
        for (int s : run_.plan.streams_of(producer)) {
            const Stream& stream = run_.plan.streams[static_cast<std::size_t>(s)];
            import.readers.push_back({s, stream.tile, static_cast<std::uint64_t>(stream.capacity),
                                      std::vector<std::uint64_t>(stream.tasks.size(), 0)});
            import.tiles.push_back(stream.tile);
        }
        imports_.push_back(std::move(import));
    }
    wake_at(cycle);
}

void IoNode::message_arrived(int message, std::uint64_t cycle) {
    arriving_.push_back({cycle, message});
    wake_at(cycle);
}

void IoNode::message_left(int message, std::uint64_t cycle) {
    if (network_.message(message).kind != Message::Kind::data)
        return;
    arriving_.push_back({cycle, -1});
    wake_at(cycle);
}

void IoNode::on_cycle(std::uint64_t cycle) {
    run_.now = cycle;
    if (run_.probe)
        run_.probe->advance(cycle);
    while (!arriving_.empty() && arriving_.front().cycle <= cycle) {
        const Arrival arrival = arriving_.front();
        arriving_.pop_front();
        if (arrival.message < 0) {
            ++places_;
            continue;
        }
        collect(network_.message(arrival.message), cycle);
        network_.release_message(arrival.message);
    }
    for (bool moved = true; moved;) {
        moved = false;
        for (Import& import : imports_)
            if (may_send(import)) {
                send(import, cycle);
                moved = true;
            }
    }
    if (!arriving_.empty())
        wake_at(arriving_.front().cycle);
}

int IoNode::full_stream(const Import& import) const {
    const std::uint64_t last = import.next + import.burst - 1;
    for (const Reader& reader : import.readers)
        if (run_.pipelined() &&
            last >= *std::min_element(reader.released.begin(), reader.released.end()) + reader.capacity)
            return reader.stream;
    return -1;
}

bool IoNode::may_send(const Import& import) const {
    const std::uint64_t image = import.next / import.positions;
    const std::uint64_t open = run_.pipelined() ? run_.images : std::min(run_.images, current_image_ + 1);
    return image < open && places_ > 0 && !import.readers.empty() && full_stream(import) < 0;
}

void IoNode::send(Import& import, std::uint64_t cycle) {
    const std::uint64_t image = import.next / import.positions, position = import.next % import.positions;
    Message message;
    message.kind = Message::Kind::data;
    message.source = run_.network.mapping.io_node();
    message.subject = message.layer = import.producer;
    message.position = import.next;
    message.count = static_cast<int>(import.burst);
    message.image = image;
    message.bytes = import.position_bytes * static_cast<std::int64_t>(import.burst);
    if (run_.computes()) {
        message.values = values_of(import, image, position);
        const int bytes = bytes_of(run_.network.graph.edge(import.producer).bits);
        append_words(message.payload, message.values.data(), message.values.size(), bytes);
    }
    run_.count(counters_, {message.layer}, Event::io_byte, message.bytes);
    import.next += import.burst;
    --places_;
    // Rows that nobody reads may leave after the last logit: they begin an image, but do not end it.
    if (import.producer < 0)
        images_[image].start = std::min(images_[image].start, cycle);
    network_.send(std::move(message), import.tiles, cycle);
}

std::vector<std::int32_t> IoNode::values_of(const Import& import, std::uint64_t image, std::uint64_t position) const {
    const auto values = [&](const auto* map, int channels) {
        const auto* first = map + static_cast<std::ptrdiff_t>(position) * channels;
        return std::vector<std::int32_t>(first, first + static_cast<std::ptrdiff_t>(import.burst) * channels);
    };
    if (import.producer < 0) {
        std::vector<std::int32_t> pixels = values(pixels_[image], run_.network.graph.input.channels);
        for (std::int32_t& pixel : pixels)
            pixel = input_value(static_cast<std::uint8_t>(pixel), run_.network.graph.input_bits);
        return pixels;
    }
    return values(maps_.at({import.producer, image}).data(), run_.layer(import.producer).out.channels);
}

void IoNode::collect(const Message& message, std::uint64_t cycle) {
    if (message.kind == Message::Kind::stream_credit) {
        for (Import& import : imports_)
            for (Reader& reader : import.readers)
                if (reader.stream == message.subject) {
                    std::uint64_t& released = reader.released[static_cast<std::size_t>(message.copy)];
                    released = std::max(released, message.position);
                }
        return;
    }
    const std::uint64_t positions = run_.positions_of(message.subject);
    collect_output(message, message.position / positions, message.position % positions, cycle);
}

void IoNode::collect_output(const Message& message, std::uint64_t image, std::uint64_t position, std::uint64_t cycle) {
    run_.count(counters_, {message.layer}, Event::io_byte, message.bytes);
    const GraphLayer& layer = run_.layer(message.subject);
    if (!message.values.empty()) {
        const auto place = static_cast<std::ptrdiff_t>(position) * layer.out.channels;
        if (layer.is_output) {
            std::copy(message.values.begin(), message.values.end(),
                      logits_[image].begin() + run_.network.graph.first_logit(message.subject) + place);
        } else {
            FeatureMap& map = maps_[{message.subject, image}];
            map.resize(static_cast<std::size_t>(layer.out.size()));
            std::copy(message.values.begin(), message.values.end(), map.begin() + place);
        }
    }
    if (++received_[{message.subject, image}] < run_.positions_of(message.subject))
        return;
    const auto all_complete = [&](const std::vector<int>& layers, std::uint64_t of_image) {
        return std::all_of(layers.begin(), layers.end(), [&](int l) {
            const auto found = received_.find({l, of_image});
            return found != received_.end() && found->second == run_.positions_of(l);
        });
    };
    if (layer.is_output) {
        images_[image].include(cycle);
        if (all_complete(run_.network.graph.outputs, image)) {
            ++done_;
            if (image_done_)
                image_done_(done_);
        }
    }
    while (current_image_ < run_.images && all_complete(run_.plan.exports, current_image_))
        ++current_image_;
}

bool IoNode::round_done() const { return current_image_ == run_.images; }

void IoNode::check_conservation() const {
    if (!arriving_.empty() || places_ != run_.network.hardware.noc.interface_packets)
        throw Error(fmt::format("the i/o node is not empty at the end: {} messages, {} of {} places", arriving_.size(),
                                places_, run_.network.hardware.noc.interface_packets));
    for (const Import& import : imports_)
        if (import.next != import.positions * run_.images)
            throw Error(fmt::format("the i/o node has sent {} of {} positions of `{}`", import.next,
                                    import.positions * run_.images,
                                    import.producer < 0 ? "input" : run_.layer(import.producer).name));
}

void IoNode::report(SimulationResult& result) const {
    run_.instance(counters_.kind, name()) += counters_;
    result.images = images_;
    if (run_.computes())
        result.logits = logits_;
}

std::string IoNode::state() const {
    std::string text;
    for (const Import& import : imports_) {
        if (import.next == import.positions * run_.images)
            continue;
        text += fmt::format("{}: position {} of `{}` waits", name(), import.next,
                            import.producer < 0 ? "input" : run_.layer(import.producer).name);
        if (const int full = full_stream(import); full >= 0)
            text += fmt::format(" for room in {}",
                                run_.network.mapping.tile_name(run_.plan.streams[static_cast<std::size_t>(full)].tile));
        else if (places_ == 0)
            text += " for a place in its network interface";
        text += '\n';
    }
    return text;
}

}  // namespace xloop::sim
