#include "traces/bus/signal.hpp"

namespace xloop::trace {

bool includes(Detail detail, SignalClass kind) {
    switch (kind) {
    case SignalClass::enable:
    case SignalClass::handshake:
    case SignalClass::state: return true;
    case SignalClass::lines:
    case SignalClass::code:
    case SignalClass::memory:
    case SignalClass::bus:
    case SignalClass::link:
    case SignalClass::vector: return detail != Detail::control;
    default: return detail == Detail::all;
    }
}

}  // namespace xloop::trace
