#include "traces/bus/signal.hpp"

namespace xloop::trace {

const char* name_of(SignalClass kind) {
    switch (kind) {
    case SignalClass::enable: return "enable";
    case SignalClass::handshake: return "handshake";
    case SignalClass::state: return "state";
    case SignalClass::lines: return "lines";
    case SignalClass::code: return "code";
    case SignalClass::memory: return "memory";
    case SignalClass::bus: return "bus";
    case SignalClass::link: return "link";
    case SignalClass::vector: return "vector";
    case SignalClass::strobe: return "strobe";
    case SignalClass::registers: return "registers";
    case SignalClass::clock: break;
    }
    return "clock";
}

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
