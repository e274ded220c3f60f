#include "traces/vcd/real_waveform.hpp"

#include "traces/bus/hierarchy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace xloop::trace {
namespace {

/// Room for the time of the end.
constexpr std::size_t tail = 24;

/// Printable characters, the shortest codes first.
std::string code(std::size_t number) {
    std::string text;
    do {
        text += static_cast<char>('!' + number % 94);
        number /= 94;
    } while (number-- > 0);
    return text;
}

}  // namespace

RealWaveform::RealWaveform(std::string path, std::uint64_t limit_bytes, const std::vector<Variable>& variables,
                           const std::string& program)
    : file_(std::move(path), limit_bytes, tail), shown_(variables.size()) {
    for (std::size_t v = 0; v < variables.size(); ++v)
        codes_.push_back(code(v));
    write_header(variables, program);
}

void RealWaveform::write_header(const std::vector<Variable>& variables, const std::string& program) {
    std::vector<std::pair<std::vector<std::string_view>, std::size_t>> order;
    for (std::size_t v = 0; v < variables.size(); ++v)
        order.emplace_back(levels_of(variables[v].scope), v);
    std::sort(order.begin(), order.end());
    std::string text = fmt::format("$version {} $end\n$timescale 1 ps $end\n", program);
    std::vector<std::string_view> open;
    for (const auto& [scope, v] : order) {
        const auto common = std::mismatch(open.begin(), open.end(), scope.begin(), scope.end()).first - open.begin();
        for (; static_cast<std::ptrdiff_t>(open.size()) > common; open.pop_back())
            text += "$upscope $end\n";
        for (std::size_t level = open.size(); level < scope.size(); ++level) {
            text += fmt::format("$scope module {} $end\n", scope[level]);
            open.push_back(scope[level]);
        }
        text += fmt::format("$var real 64 {} {} $end\n", codes_[v], variables[v].name);
    }
    for (; !open.empty(); open.pop_back())
        text += "$upscope $end\n";
    file_.head(text + "$enddefinitions $end\n");
}

void RealWaveform::change(std::size_t variable, double value) {
    fmt::format_to(std::back_inserter(text_), "r{} {}\n", value, codes_[variable]);
}

void RealWaveform::values(Time time, const std::vector<double>& values) {
    if (file_.full())
        return;
    if (!started_ && time > 0)
        this->values(0, shown_);
    text_ = fmt::format("#{}\n", time);
    const std::size_t none = text_.size();
    if (!started_) {
        text_ += "$dumpvars\n";
        for (std::size_t v = 0; v < values.size(); ++v)
            change(v, values[v]);
        text_ += "$end\n";
    } else {
        for (std::size_t v = 0; v < values.size(); ++v)
            if (values[v] != shown_[v])
                change(v, values[v]);
    }
    started_ = true;
    if (text_.size() == none || !file_.write(text_, time))
        return;
    last_ = time;
    shown_ = values;
}

void RealWaveform::finish(Time end) {
    if (!started_)
        values(0, shown_);
    file_.finish(end > last_ && !file_.full() ? fmt::format("#{}\n", end) : std::string());
}

}  // namespace xloop::trace
