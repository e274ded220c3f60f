#include "traces/tools/trace_diff.hpp"

#include "core/error.hpp"
#include "core/json.hpp"
#include "traces/saif/saif_reader.hpp"
#include "traces/saif/vcd_to_saif.hpp"
#include "traces/tools/trace_kind.hpp"
#include "traces/vcd/vcd_player.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>
#include <utility>

namespace xloop::trace {
namespace {

std::uint64_t gap(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

bool close(std::uint64_t a, std::uint64_t b, double tolerance) {
    return static_cast<double>(gap(a, b)) <= tolerance * static_cast<double>(std::max(a, b));
}

/// Times of one file in units of both.
class CommonUnit {
public:
    CommonUnit(const TimeScale& own, std::uint64_t unit_fs, const std::string& name)
        : factor_(own.femtoseconds() / unit_fs), name_(name) {}
    std::uint64_t operator()(std::uint64_t time) const {
        if (time > std::numeric_limits<std::uint64_t>::max() / factor_)
            throw InputError(
                fmt::format("{}: time {} is too large for the other file's finer time scale", name_, time));
        return time * factor_;
    }

private:
    std::uint64_t factor_;
    const std::string& name_;
};

std::uint64_t finer(const TimeScale& a, const TimeScale& b) { return std::min(a.femtoseconds(), b.femtoseconds()); }

void compare_counts(const SaifFile& a, const SaifFile& b, const std::string& name_a, const std::string& name_b,
                    double tolerance, TraceDifference& result) {
    result.unit_fs = finer(a.timescale(), b.timescale());
    const CommonUnit unit_a(a.timescale(), result.unit_fs, name_a), unit_b(b.timescale(), result.unit_fs, name_b);
    result.duration_a = unit_a(a.header.duration);
    result.duration_b = unit_b(b.header.duration);
    std::unordered_map<std::string, const SaifNet*> nets;
    a.for_each_net(
        [&](const std::string& path, const SaifNet& net) { nets.emplace(path + "." + net.full_name(), &net); });
    b.for_each_net([&](const std::string& path, const SaifNet& net) {
        std::string name = path + "." + net.full_name();
        const auto found = nets.find(name);
        if (found == nets.end()) {
            result.only_b.push_back(std::move(name));
            return;
        }
        if (found->second == nullptr)  // a name that comes twice
            return;
        const SaifCounts &ca = found->second->counts, &cb = net.counts;
        found->second = nullptr;
        ++result.nets;
        NetDifference difference{"", unit_a(ca.t1), unit_b(cb.t1), ca.tc, cb.tc};
        result.toggles_a += ca.tc;
        result.toggles_b += cb.tc;
        result.high_a += static_cast<double>(difference.t1_a);
        result.high_b += static_cast<double>(difference.t1_b);
        if (!close(difference.t1_a, difference.t1_b, tolerance) || !close(ca.tc, cb.tc, tolerance)) {
            difference.net = std::move(name);
            result.differing.push_back(std::move(difference));
        }
    });
    a.for_each_net([&](const std::string& path, const SaifNet& net) {
        std::string name = path + "." + net.full_name();
        const auto found = nets.find(name);
        if (found != nets.end() && found->second == &net)
            result.only_a.push_back(std::move(name));
    });
    std::sort(result.differing.begin(), result.differing.end(), [](const NetDifference& x, const NetDifference& y) {
        const std::uint64_t tx = gap(x.tc_a, x.tc_b), ty = gap(y.tc_a, y.tc_b);
        const std::uint64_t hx = gap(x.t1_a, x.t1_b), hy = gap(y.t1_a, y.t1_b);
        return tx != ty ? tx > ty : hx != hy ? hx > hy : x.net < y.net;
    });
}

/// Plays two VCD files side by side.
class SideBySide {
public:
    SideBySide(TextInput& a, TextInput& b)
        : in_a_(a), in_b_(b), a_(a), b_(b), unit_fs_(finer(a_.header().timescale, b_.header().timescale)),
          unit_a_(a_.header().timescale, unit_fs_, a.name()), unit_b_(b_.header().timescale, unit_fs_, b.name()),
          activity_a_(a_.header()), activity_b_(b_.header()) {
        pair_variables();
        activity_a_.open(a_.start(activity_a_), never);
        activity_b_.open(b_.start(activity_b_), never);
    }

    void run(TraceDifference& result) {
        bool initial = true;
        while (a_.more() || b_.more()) {
            const std::uint64_t time_a = a_.more() ? unit_a_(a_.next_time()) : never;
            const std::uint64_t time_b = b_.more() ? unit_b_(b_.next_time()) : never;
            const std::uint64_t time = std::min(time_a, time_b);
            if (time_a == time)
                a_.step(activity_a_);
            if (time_b == time)
                b_.step(activity_b_);
            if (time_a == time)
                compare(activity_a_, of_a_, time, result);
            if (time_b == time)
                compare(activity_b_, of_b_, time, result);
            // What stands before the first time is seen with it.
            if (std::exchange(initial, false))
                compare_all(time, result);
        }
        if (initial)
            compare_all(0, result);
        activity_a_.finish(a_.next_time());
        activity_b_.finish(b_.next_time());
    }

    SaifFile saif_a() const { return saif_of_activity(a_.header(), activity_a_, in_a_); }
    SaifFile saif_b() const { return saif_of_activity(b_.header(), activity_b_, in_b_); }

private:
    static constexpr std::uint64_t never = ~std::uint64_t{0};
    struct Pair {
        std::uint32_t variable_a, code_a, code_b;
        bool parted = false;
    };
    /// For each code the pairs it is part of.
    using PairsOfCode = std::vector<std::vector<std::uint32_t>>;

    void pair_variables() {
        of_a_.resize(a_.header().values.size());
        of_b_.resize(b_.header().values.size());
        // Of several variables of one name the first is the other file's first, and so on.
        std::unordered_map<std::string, std::uint32_t> by_name, times_a, times_b;
        const auto name_of = [](const VcdHeader& header, const VcdVariable& variable, auto& times) {
            const std::string name = header.full_name(variable);
            return fmt::format("{} {}", name, times[name]++);
        };
        for (const VcdVariable& variable : b_.header().variables)
            by_name.emplace(name_of(b_.header(), variable, times_b), variable.code);
        for (std::uint32_t i = 0; i < a_.header().variables.size(); ++i) {
            const VcdVariable& variable = a_.header().variables[i];
            const auto found = by_name.find(name_of(a_.header(), variable, times_a));
            if (found == by_name.end())
                continue;
            const VcdValue &value_a = a_.header().values[variable.code], &value_b = b_.header().values[found->second];
            if (value_a.kind != value_b.kind || value_a.width != value_b.width)
                continue;
            of_a_[variable.code].push_back(static_cast<std::uint32_t>(pairs_.size()));
            of_b_[found->second].push_back(static_cast<std::uint32_t>(pairs_.size()));
            pairs_.push_back({i, variable.code, found->second});
        }
    }

    bool same(const Pair& pair) const {
        const VcdValue& value = a_.header().values[pair.code_a];
        if (value.kind == VcdValue::Kind::real) {
            const double x = activity_a_.real(pair.code_a), y = activity_b_.real(pair.code_b);
            return x == y || (std::isnan(x) && std::isnan(y));
        }
        // Both planes of a value lie behind each other; a text has none.
        return value.kind == VcdValue::Kind::text ||
               std::memcmp(activity_a_.value(pair.code_a), activity_b_.value(pair.code_b), 16 * value.words()) == 0;
    }

    static std::string text(const VcdActivity& activity, std::uint32_t code, const VcdValue& value) {
        if (value.kind == VcdValue::Kind::real)
            return fmt::format("{}", activity.real(code));
        constexpr std::uint32_t shown = 64;
        std::string digits = value.width > shown ? "..." : "";
        for (std::uint32_t bit = std::min(value.width, shown); bit-- > 0;) {
            const bool v = (activity.value(code)[bit / 64] >> bit % 64 & 1u) != 0,
                       u = (activity.unknown(code)[bit / 64] >> bit % 64 & 1u) != 0;
            digits += u ? (v ? 'x' : 'z') : (v ? '1' : '0');
        }
        return digits;
    }

    void compare(const VcdActivity& activity, const PairsOfCode& pairs, std::uint64_t time, TraceDifference& result) {
        if (activity.resumed())
            return compare_all(time, result);
        for (std::uint32_t code : activity.touched())
            for (std::uint32_t index : pairs[code])
                compare(pairs_[index], time, result);
    }

    void compare_all(std::uint64_t time, TraceDifference& result) {
        for (Pair& pair : pairs_)
            compare(pair, time, result);
    }

    /// The first difference is that of the earliest time, and among those the variable that file `a` declares first.
    void compare(Pair& pair, std::uint64_t time, TraceDifference& result) {
        if (pair.parted || same(pair))
            return;
        pair.parted = true;
        ++result.variables_that_part;
        if (result.first && (result.first->time < time || variable_of_first_ < pair.variable_a))
            return;
        variable_of_first_ = pair.variable_a;
        const VcdValue& value = a_.header().values[pair.code_a];
        result.first =
            TraceDifference::First{time, a_.header().full_name(a_.header().variables[pair.variable_a]),
                                   text(activity_a_, pair.code_a, value), text(activity_b_, pair.code_b, value)};
    }

    TextInput &in_a_, &in_b_;
    VcdPlayer a_, b_;
    std::uint64_t unit_fs_;
    CommonUnit unit_a_, unit_b_;
    VcdActivity activity_a_, activity_b_;
    std::vector<Pair> pairs_;
    PairsOfCode of_a_, of_b_;
    std::uint32_t variable_of_first_ = 0;
};

SaifFile read_activity(TextInput& in, TraceKind kind) {
    if (kind == TraceKind::saif)
        return read_saif(in);
    return saif_of_vcd(in);
}

TraceKind comparable_kind(TextInput& in) {
    const TraceKind kind = kind_of(in);
    if (kind != TraceKind::vcd && kind != TraceKind::saif)
        throw InputError(in.name() + ": cannot compare this file, expected VCD or SAIF");
    return kind;
}

std::vector<std::string> names_up_to(const std::vector<std::string>& names, std::size_t top) {
    return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(top, names.size()))};
}

}  // namespace

TraceDifference diff_traces(TextInput& a, TextInput& b, double tolerance) {
    TraceDifference result;
    const TraceKind kind_a = comparable_kind(a), kind_b = comparable_kind(b);
    result.compared_values = kind_a == TraceKind::vcd && kind_b == TraceKind::vcd;
    if (result.compared_values) {
        SideBySide files(a, b);
        files.run(result);
        compare_counts(files.saif_a(), files.saif_b(), a.name(), b.name(), tolerance, result);
    } else {
        compare_counts(read_activity(a, kind_a), read_activity(b, kind_b), a.name(), b.name(), tolerance, result);
    }
    result.equal = result.duration_a == result.duration_b && result.only_a.empty() && result.only_b.empty() &&
                   result.differing.empty() && (tolerance > 0 || result.variables_that_part == 0);
    return result;
}

Json TraceDifference::json(std::size_t top) const {
    const auto seconds = [&](std::uint64_t time) {
        return static_cast<double>(time) * static_cast<double>(unit_fs) * 1e-15;
    };
    Json out = {{"equal", equal},
                {"nets_in_both", nets},
                {"nets_only_in_a", only_a.size()},
                {"nets_only_in_b", only_b.size()},
                {"nets_that_differ", differing.size()},
                {"time_unit_fs", unit_fs},
                {"duration", {{"a", duration_a}, {"b", duration_b}}},
                {"toggles", {{"a", toggles_a}, {"b", toggles_b}}},
                {"time_at_1", {{"a", high_a}, {"b", high_b}}}};
    if (compared_values)
        out["variables_that_part"] = variables_that_part;
    if (first)
        out["first"] = {{"time", first->time},
                        {"time_s", seconds(first->time)},
                        {"net", first->net},
                        {"a", first->value_a},
                        {"b", first->value_b}};
    out["only_in_a"] = names_up_to(only_a, top);
    out["only_in_b"] = names_up_to(only_b, top);
    out["differences"] = Json::array();
    for (std::size_t i = 0; i < std::min(top, differing.size()); ++i) {
        const NetDifference& d = differing[i];
        out["differences"].push_back(
            {{"net", d.net}, {"tc", {{"a", d.tc_a}, {"b", d.tc_b}}}, {"t1", {{"a", d.t1_a}, {"b", d.t1_b}}}});
    }
    return out;
}

std::string TraceDifference::table(std::size_t top) const {
    const auto time = [&](std::uint64_t t) { return time_text(t, unit_fs); };
    std::string text = equal ? "equal\n" : "different\n";
    const auto line = [&](const char* what, const std::string& value) {
        text += fmt::format("{:<22}{}\n", what, value);
    };
    line("nets in both", fmt::format("{}", nets));
    for (const auto& [what, names] : {std::pair{"only in the first", &only_a}, {"only in the second", &only_b}}) {
        if (names->empty())
            continue;
        line(what, fmt::format("{}", names->size()));
        for (const std::string& name : names_up_to(*names, top))
            text += "  " + name + "\n";
    }
    line("duration", duration_a == duration_b ? time(duration_a) : time(duration_a) + " | " + time(duration_b));
    line("toggles", fmt::format("{} | {}", toggles_a, toggles_b));
    if (compared_values)
        line("variables that part", fmt::format("{}", variables_that_part));
    if (first)
        line("first difference",
             fmt::format("{}: {} is {} | {}", time(first->time), first->net, first->value_a, first->value_b));
    if (differing.empty())
        return text;
    line("nets that differ", fmt::format("{}", differing.size()));
    text += fmt::format("\n  {:>12} {:>12} {:>16} {:>16}  net\n", "TC first", "TC second", "T1 first", "T1 second");
    for (std::size_t i = 0; i < std::min(top, differing.size()); ++i) {
        const NetDifference& d = differing[i];
        text += fmt::format("  {:>12} {:>12} {:>16} {:>16}  {}\n", d.tc_a, d.tc_b, time(d.t1_a), time(d.t1_b), d.net);
    }
    return text;
}

}  // namespace xloop::trace
