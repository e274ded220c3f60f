#include "traces/vcd_writer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>
#include <sstream>

namespace xloop {
namespace {

/// Identifier code: printable characters '!' to '~', least significant first.
std::string code_of(std::size_t number) {
    std::string code;
    do {
        code += static_cast<char>('!' + number % 94);
        number /= 94;
    } while (number > 0);
    return code;
}

std::vector<std::string> parts_of(const std::string& scope) {
    std::vector<std::string> parts;
    std::stringstream in(scope);
    for (std::string part; std::getline(in, part, '.');)
        parts.push_back(part);
    return parts;
}

}  // namespace

VcdWriter::VcdWriter(std::ostream& out, std::uint64_t from_cycle, std::uint64_t cycles, double period_ps,
                     std::string version)
    : out_(out), from_(from_cycle), to_(from_cycle + std::min(cycles, ~from_cycle)), period_ps_(period_ps), version_(std::move(version)) {}

void VcdWriter::begin(const std::vector<TraceSignal>& signals) {
    signals_ = signals;
    values_.assign(signals.size(), 0);
    codes_.clear();
    for (std::size_t i = 0; i < signals.size(); ++i)
        codes_.push_back(code_of(i));
    write_header();
}

void VcdWriter::write_header() {
    out_ << "$version " << version_ << " $end\n$timescale 1 ps $end\n";
    std::vector<std::size_t> order(signals_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return parts_of(signals_[a].scope) < parts_of(signals_[b].scope); });
    std::vector<std::string> open;
    for (std::size_t i : order) {
        const auto wanted = parts_of(signals_[i].scope);
        std::size_t common = 0;
        while (common < open.size() && common < wanted.size() && open[common] == wanted[common])
            ++common;
        for (; open.size() > common; open.pop_back())
            out_ << "$upscope $end\n";
        for (; open.size() < wanted.size(); open.push_back(wanted[open.size()]))
            out_ << "$scope module " << wanted[open.size()] << " $end\n";
        out_ << "$var wire " << signals_[i].width << ' ' << codes_[i] << ' ' << signals_[i].name;
        if (signals_[i].width > 1)
            out_ << " [" << signals_[i].width - 1 << ":0]";
        out_ << " $end\n";
    }
    for (; !open.empty(); open.pop_back())
        out_ << "$upscope $end\n";
    out_ << "$enddefinitions $end\n";
}

void VcdWriter::change(std::uint64_t cycle, int signal, std::uint64_t value) {
    if (cycle > from_)
        open_window();
    values_[static_cast<std::size_t>(signal)] = value;
    if (!open_ || cycle >= to_)
        return;
    write_time(cycle);
    write_value(signal);
}

void VcdWriter::end(std::uint64_t cycle) {
    if (cycle >= from_)
        open_window();
    if (open_)
        write_time(std::min(cycle, to_));
    out_.flush();
}

// Changes at the first cycle itself belong into the initial values.
void VcdWriter::open_window() {
    if (open_)
        return;
    open_ = true;
    written_cycle_ = from_;
    out_ << '#' << std::llround(static_cast<double>(from_) * period_ps_) << "\n$dumpvars\n";
    for (std::size_t i = 0; i < signals_.size(); ++i)
        write_value(static_cast<int>(i));
    out_ << "$end\n";
}

void VcdWriter::write_time(std::uint64_t cycle) {
    if (cycle == written_cycle_)
        return;
    written_cycle_ = cycle;
    out_ << '#' << std::llround(static_cast<double>(cycle) * period_ps_) << '\n';
}

void VcdWriter::write_value(int signal) {
    const auto i = static_cast<std::size_t>(signal);
    if (signals_[i].width == 1) {
        out_ << (values_[i] & 1u) << codes_[i] << '\n';
        return;
    }
    out_ << 'b';
    for (int bit = signals_[i].width - 1; bit >= 0; --bit)
        out_ << ((values_[i] >> bit) & 1u);
    out_ << ' ' << codes_[i] << '\n';
}

}  // namespace xloop
