#pragma once

#include "core/trace_hooks.hpp"

namespace xloop::sim {

/// A pointer to a probe, null when nothing is traced or hooks are compiled out.
template <class Probe>
class Hook {
public:
    Hook(Probe* probe = nullptr) : probe_(probe) {}
    explicit operator bool() const { return XLOOP_TRACE_HOOKS && probe_ != nullptr; }
    Probe* operator->() const { return probe_; }
    Probe& operator*() const { return *probe_; }

private:
    Probe* probe_;
};

}  // namespace xloop::sim
