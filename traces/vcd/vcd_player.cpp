#include "traces/vcd/vcd_player.hpp"

namespace xloop::trace {

using Event = VcdReader::Event;

VcdPlayer::VcdPlayer(TextInput& in) : reader_(in), event_(reader_.next()) {}

void VcdPlayer::take(VcdActivity& activity) const {
    switch (event_) {
    case Event::change: activity.change(reader_.change()); break;
    case Event::dump_off: activity.dump_off(); break;
    case Event::dump_on: activity.dump_on(); break;
    default: break;
    }
}

std::uint64_t VcdPlayer::start(VcdActivity& activity) {
    const std::vector<bool> constant = header().constants();
    bool net = false;
    for (; event_ != Event::time && event_ != Event::end; event_ = reader_.next()) {
        net = net || (event_ == Event::change && !constant[reader_.change().code]);
        take(activity);
    }
    return net ? 0 : next_time();
}

void VcdPlayer::step(VcdActivity& activity) {
    const std::uint64_t time = reader_.time();
    activity.move_to(time);
    for (; event_ != Event::end; event_ = reader_.next()) {
        if (event_ == Event::time && reader_.time() != time)
            return;
        take(activity);
    }
}

}  // namespace xloop::trace
