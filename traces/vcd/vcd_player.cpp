#include "traces/vcd/vcd_player.hpp"

namespace xloop::trace {

using Event = VcdReader::Event;

VcdPlayer::VcdPlayer(TextInput& in) : reader_(in), event_(reader_.next()) {}

void VcdPlayer::step(VcdActivity& activity) {
    const std::uint64_t time = reader_.time();
    activity.move_to(time);
    for (; event_ != Event::end; event_ = reader_.next()) {
        switch (event_) {
        case Event::change: activity.change(reader_.change()); break;
        case Event::time:
            if (reader_.time() != time)
                return;
            break;
        case Event::dump_off: activity.dump_off(); break;
        case Event::dump_on:
            activity.dump_on();
            in_dump_on_ = true;
            break;
        case Event::dump_end:
            if (in_dump_on_)
                activity.dump_on_end();
            in_dump_on_ = false;
            break;
        default: break;
        }
    }
}

}  // namespace xloop::trace
