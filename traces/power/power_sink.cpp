#include "traces/power/power_sink.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace xloop::trace {
namespace {

std::string classes_header(const std::vector<Component>& classes) {
    std::string text = "start_cycle,end_cycle,start_s,end_s";
    for (Component of : classes)
        text += fmt::format(",{}_w", name_of(of));
    return text + ",total_w\n";
}

std::vector<RealWaveform::Variable> variables_of(const PowerModel& model) {
    std::vector<RealWaveform::Variable> variables = {{"power", "total"}};
    for (Component of : model.classes())
        variables.push_back({"power.class", name_of(of)});
    for (const PowerModel::Instance& instance : model.instances)
        variables.push_back({instance.path, "power_w"});
    return variables;
}

}  // namespace

PowerSink::PowerSink(PowerFiles files, std::shared_ptr<const PowerModel> model, std::uint64_t window_cycles,
                     std::uint64_t limit_bytes)
    : files_(std::move(files)), model_(std::move(model)), shown_(model_->classes()), window_cycles_(window_cycles),
      limit_(limit_bytes) {
    if (!files_.classes.empty())
        classes_.emplace(files_.classes, limit_);
    if (!files_.instances.empty())
        instances_.emplace(files_.instances, limit_);
    for (int kind = 0; kind < model_->kinds(); ++kind) {
        PerEvent& of_kind = event_j_.emplace_back();
        for (std::size_t e = 0; e < event_count; ++e)
            of_kind[e] = sum_of(model_->of_kind(kind)[e]);
    }
}

void PowerSink::begin(const Declarations& declarations) {
    declarations_ = &declarations;
    counts_.emplace(declarations, window_cycles_);
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < model_->instances.size(); ++i)
        known.emplace(model_->instances[i].path, i);
    for (const Instance& instance : declarations.instances) {
        const auto found = known.find(instance.path);
        if (found == known.end())
            throw Error(fmt::format("{} counts events, but the power model does not have it", instance.path));
        model_index_.push_back(found->second);
    }
    if (classes_)
        classes_->head(classes_header(shown_));
    if (instances_)
        instances_->head("start_s,end_s,instance,power_w\n");
    if (!files_.waveform.empty())
        waveform_.emplace(files_.waveform, limit_, variables_of(*model_), declarations.program);
}

void PowerSink::advance(Time time) {
    counts_->advance(time, [this](const CountedWindow& window) { write(window); });
}

void PowerSink::end(Time time) {
    counts_->end(time, [this](const CountedWindow& window) { write(window); });
    if (classes_)
        classes_->finish();
    if (instances_)
        instances_->finish();
    if (!waveform_)
        return;
    if (declarations_->time_of(traced_to_) < time)
        rest_waveform(declarations_->time_of(traced_to_));
    waveform_->finish(time);
}

std::string PowerSink::remark() const {
    std::string text;
    for (const std::string& part : {classes_ ? classes_->remark() : "", instances_ ? instances_->remark() : "",
                                    waveform_ ? waveform_->remark() : ""})
        if (!part.empty())
            text += (text.empty() ? "" : "; ") + part;
    return text;
}

void PowerSink::write(const CountedWindow& window) {
    const PerComponent watts = model_->power_w(window, *declarations_);
    const double total = sum_of(watts);
    energy_j_ += total * seconds(window);
    if (first_ || window.cycles() == window_cycles_)
        peak_w_ = std::max(peak_w_, total);
    if (classes_ && !classes_->full())
        write_classes(window, watts, total);
    if (instances_ || waveform_)
        find_active(window);
    if (instances_ && !instances_->full())
        write_instances(window, sum_of(model_->static_w));
    if (waveform_)
        write_waveform(window, watts, total);
    first_ = false;
    traced_to_ = window.end;
}

void PowerSink::write_classes(const CountedWindow& window, const PerComponent& watts, double total) {
    rows_ = fmt::format("{},{},{},{}", window.begin, window.end, model_->cycle_s * static_cast<double>(window.begin),
                        model_->cycle_s * static_cast<double>(window.end));
    for (Component of : shown_)
        fmt::format_to(std::back_inserter(rows_), ",{}", watts[static_cast<std::size_t>(of)]);
    fmt::format_to(std::back_inserter(rows_), ",{}\n", total);
    classes_->write(rows_, declarations_->time_of(window.begin));
}

void PowerSink::find_active(const CountedWindow& window) {
    active_.clear();
    const double per_second = 1 / seconds(window);
    for (const CountedWindow::Cell& cell : window.cells) {
        const auto number = static_cast<std::size_t>(cell.instance);
        const std::size_t i = model_index_[number];
        // Instances of one path, of several kinds of hardware, follow one another.
        if (active_.empty() || active_.back().instance != i)
            active_.push_back({i, model_->instances[i].static_w});
        const PerEvent& energies = event_j_[static_cast<std::size_t>(declarations_->instances[number].kind)];
        active_.back().power_w +=
            static_cast<double>(cell.n) * energies[static_cast<std::size_t>(cell.event)] * per_second;
    }
}

void PowerSink::write_instances(const CountedWindow& window, double total_static) {
    const std::string times = fmt::format("{},{},", model_->cycle_s * static_cast<double>(window.begin),
                                          model_->cycle_s * static_cast<double>(window.end));
    rows_.clear();
    double others = total_static;
    for (const Active& active : active_) {
        const PowerModel::Instance& instance = model_->instances[active.instance];
        others -= instance.static_w;
        fmt::format_to(std::back_inserter(rows_), "{}{},{}\n", times, instance.path, active.power_w);
    }
    fmt::format_to(std::back_inserter(rows_), "{}(static),{}\n", times, std::max(others, 0.0));
    instances_->write(rows_, declarations_->time_of(window.begin));
}

void PowerSink::write_waveform(const CountedWindow& window, const PerComponent& watts, double total) {
    if (traced_to_ < window.begin)
        rest_waveform(declarations_->time_of(traced_to_));
    values_.assign({total});
    for (Component of : shown_)
        values_.push_back(watts[static_cast<std::size_t>(of)]);
    const auto instances = static_cast<std::ptrdiff_t>(values_.size());
    for (const PowerModel::Instance& instance : model_->instances)
        values_.push_back(instance.static_w);
    for (const Active& active : active_)
        values_[static_cast<std::size_t>(instances) + active.instance] = active.power_w;
    waveform_->values(declarations_->time_of(window.begin), values_);
}

void PowerSink::rest_waveform(Time time) {
    values_.assign(1 + shown_.size() + model_->instances.size(), 0.0);
    waveform_->values(time, values_);
}

}  // namespace xloop::trace
