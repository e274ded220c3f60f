#include "systemc_model/sim/io_node.hpp"

#include <algorithm>

namespace xloop::sim {

IoNode::IoNode(const sc_core::sc_module_name& name, const ClockDomain& clock, const Chip& chip, Noc& noc, Images images,
               std::function<void(std::int64_t)> begin_image, std::function<void(int)> image_done)
    : ClockedAgent(name, clock), chip_(chip), noc_(noc), images_(images), begin_image_(std::move(begin_image)),
      image_done_(std::move(image_done)) {
    wake_at(0);
}

void IoNode::on_cycle(std::uint64_t cycle) {
    while (!arriving_.empty() && arriving_.begin()->first <= cycle) {
        auto node = arriving_.extract(arriving_.begin());
        collect(node.mapped(), cycle);
    }
    if (!waiting_for_logits_ && done_ < images_.count)
        send_image(cycle);
}

void IoNode::send_image(std::uint64_t cycle) {
    const Shape& shape = chip_.graph().input;
    const int image = images_.first + done_;
    const std::uint8_t* pixels = images_.pixels + static_cast<std::ptrdiff_t>(image) * shape.size();
    begin_image_(image);
    image_start_ = cycle;
    waiting_for_logits_ = true;
    received_ = 0;
    logits_.emplace_back(static_cast<std::size_t>(chip_.graph().layers.back().out.size()));
    counters_[Event::io_byte] += static_cast<std::uint64_t>(shape.size());
    const auto readers = chip_.mapping().reader_tiles(chip_.graph(), -1);
    const int row_bytes = shape.width * shape.channels;
    for (int y = 0; y < shape.height; ++y)
        for (int reader : readers)
            noc_.send({PacketKind::image_rows, chip_.mapping().tiles(), reader, -1, y * shape.width, row_bytes,
                       {pixels + y * row_bytes, pixels + (y + 1) * row_bytes}});
}

void IoNode::deliver(Packet packet, std::uint64_t cycle) {
    wake_at(cycle);
    arriving_.emplace(cycle, std::move(packet));
}

void IoNode::collect(const Packet& packet, std::uint64_t cycle) {
    auto& logits = logits_.back();
    const int channels = static_cast<int>(packet.values.size());
    std::copy(packet.values.begin(), packet.values.end(),
              logits.begin() + static_cast<std::ptrdiff_t>(packet.position) * channels);
    counters_[Event::io_byte] += static_cast<std::uint64_t>(packet.bytes);
    received_ += channels;
    if (received_ < static_cast<int>(logits.size()))
        return;
    latencies_.push_back(cycle - image_start_);
    last_cycle_ = cycle;
    waiting_for_logits_ = false;
    ++done_;
    image_done_(done_);
}

void IoNode::report(ActivityRecord& record) const { record.instances[name()] += counters_; }

}  // namespace xloop::sim
