#include "traces/tools/trace_check.hpp"

#include "traces/bus/hierarchy.hpp"
#include "traces/bus/name_map.hpp"
#include "traces/saif/saif_reader.hpp"
#include "traces/vcd/vcd_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <unordered_map>

namespace xloop::trace {
namespace {

class Findings {
public:
    Findings(TraceCheck& check, std::size_t most, TextInput& in) : check_(check), most_(most), in_(in) {
        in.set_listener([this](const std::string& message) { add(message); });
    }
    ~Findings() { in_.set_listener({}); }
    Findings(const Findings&) = delete;
    Findings& operator=(const Findings&) = delete;

    void add(std::string message) {
        if (check_.found++ < most_)
            check_.problems.push_back(std::move(message));
    }
    void at(std::uint64_t line, const std::string& what) { add(fmt::format("{}:{}: {}", in_.name(), line, what)); }
    void in_file(const std::string& what) { add(in_.name() + ": " + what); }

private:
    TraceCheck& check_;
    std::size_t most_;
    TextInput& in_;
};

/// Several names of one value are one variable, as some tools write it.
void check_names(const VcdHeader& header, Findings& findings) {
    std::unordered_map<std::string, const VcdVariable*> known;
    for (const VcdVariable& variable : header.variables) {
        const std::string name = header.full_name(variable);
        const auto [entry, fresh] = known.emplace(name, &variable);
        if (!fresh && entry->second->code != variable.code)
            findings.at(variable.line,
                        fmt::format("variable `{}` comes again, first in line {}; expected each name once", name,
                                    entry->second->line));
    }
}

void check_declarations(const VcdHeader& header, Findings& findings) {
    if (header.variables.empty())
        findings.in_file("no variable is declared");
    check_names(header, findings);
    for (const VcdVariable& variable : header.variables) {
        const std::size_t bracket = variable.name.rfind('[');
        if (!variable.ranged && bracket != std::string::npos && variable.name.find(':', bracket) != std::string::npos &&
            variable.name.back() == ']')
            findings.at(variable.line, fmt::format("the range of `{}` does not fit its width of {} bits", variable.name,
                                                   header.values[variable.code].width));
    }
}

/// Kinds that need no value at the first time: they happen, or never change.
bool needs_initial_value(const VcdVariable& variable, const VcdHeader& header) {
    const VcdValue::Kind kind = header.values[variable.code].kind;
    return variable.type != "event" && !variable.is_constant() && kind != VcdValue::Kind::text &&
           kind != VcdValue::Kind::none;
}

void check_initial_values(const VcdHeader& header, const std::vector<bool>& has_value, Findings& findings) {
    for (const VcdVariable& variable : header.variables)
        if (!has_value[variable.code] && needs_initial_value(variable, header))
            findings.at(variable.line,
                        fmt::format("variable `{}` has no value at the first time, expected one in $dumpvars",
                                    header.full_name(variable)));
}

void check_vcd(TextInput& in, TraceCheck& check, Findings& findings) {
    VcdReader reader(in);
    const VcdHeader& header = reader.header();
    check.nets = header.variables.size();
    check_declarations(header, findings);
    std::vector<bool> has_value(header.values.size(), false);
    std::uint64_t times = 0, first = 0;
    bool net = false, initial = true;
    const std::vector<bool> constants = header.constants();
    for (VcdReader::Event event = reader.next(); event != VcdReader::Event::end; event = reader.next()) {
        if (event == VcdReader::Event::change && initial) {
            net = net || !constants[reader.change().code];
            has_value[reader.change().code] = true;
        } else if (event == VcdReader::Event::time) {
            if (times++ == 0 && !net)
                first = reader.time();
            if (initial && net && reader.time() > first) {
                initial = false;
                check_initial_values(header, has_value, findings);
            }
        }
    }
    if (initial)
        check_initial_values(header, has_value, findings);
    if (times == 0)
        findings.in_file("there is no time (#) in the file");
    else if (reader.time() == first)
        findings.in_file("there is one time in the file, expected a later one: no time passes");
}

/// What the times of a net may miss the duration by: other tools round each of them to a unit, or to six digits.
std::uint64_t rounding(const SaifFile& file) {
    const std::uint64_t duration = file.header.duration, units = 4;
    return file.approximate ? std::max(units, duration / 100'000) : std::min(units, duration / 1'000);
}

void check_net(const SaifNet& net, const std::string& path, const SaifFile& file, Findings& findings) {
    const SaifCounts& counts = net.counts;
    const std::uint64_t duration = file.header.duration;
    const auto name = [&] { return path + "." + net.full_name(); };
    std::uint64_t sum = net.tb;
    bool above = false;
    for (std::uint64_t time : {counts.t0, counts.t1, counts.tx, counts.tz})
        above = __builtin_add_overflow(sum, time, &sum) || above;
    if (above || (sum > duration ? sum - duration : duration - sum) > rounding(file))
        findings.at(net.line, fmt::format("net `{}`: T0 {} + T1 {} + TX {} + TZ {}{} is {} than the DURATION {}",
                                          name(), counts.t0, counts.t1, counts.tx, counts.tz,
                                          net.tb > 0 ? fmt::format(" + TB {}", net.tb) : "",
                                          !above && sum < duration ? "less" : "more", duration));
    // An edge at the very end, and one to or from x where a tool counts it, leave no time.
    if (counts.tc > 1 && (counts.t0 == 0 || counts.t1 == 0) && counts.tx + counts.tz + net.tb == 0 && !file.approximate)
        findings.at(
            net.line,
            fmt::format("net `{}`: TC {}, but it was never at {}; expected time at 0 and at 1 of a net that toggles",
                        name(), counts.tc, counts.t0 == 0 ? 0 : 1));
    if (is_saif_keyword(net.name))
        findings.at(net.line,
                    fmt::format("net `{}` has a keyword of SAIF for a name, which power tools do not take", name()));
}

void check_instance(const SaifInstance& instance, std::string& path, const SaifFile& file, Findings& findings) {
    const std::size_t above = path.size();
    append_level(path, instance.name);
    if (is_saif_keyword(instance.name))
        findings.at(instance.line,
                    fmt::format("instance `{}` has a keyword of SAIF for a name, which power tools do not take", path));
    for (const SaifNet& net : instance.nets)
        check_net(net, path, file, findings);
    for (const SaifInstance& child : instance.children)
        check_instance(child, path, file, findings);
    path.resize(above);
}

void check_saif(TextInput& in, TraceCheck& check, Findings& findings) {
    const SaifFile file = read_saif(in);
    for (const char* field : {"SAIFVERSION", "DIRECTION", "TIMESCALE", "DURATION"})
        if (!file.has(field))
            findings.in_file(fmt::format("the header has no {}", field));
    if (file.has("DURATION") && file.header.duration == 0)
        findings.in_file("the DURATION is 0, expected a time: power tools divide by it");
    file.for_each_net([&](const std::string&, const SaifNet&) { ++check.nets; });
    if (check.nets == 0)
        findings.in_file("there is no net in the file");
    std::string path;
    for (const SaifInstance& instance : file.instances)
        check_instance(instance, path, file, findings);
}

}  // namespace

TraceCheck check_trace(TextInput& in, std::size_t most) {
    TraceCheck check;
    check.kind = kind_of(in);
    Findings findings(check, most, in);
    if (check.kind != TraceKind::vcd && check.kind != TraceKind::saif)
        throw UnreadableInput(in.name() + ": cannot check this file, expected VCD or SAIF");
    try {
        (check.kind == TraceKind::vcd ? check_vcd : check_saif)(in, check, findings);
    } catch (const UnreadableInput&) {
        throw;
    } catch (const InputError& e) {
        findings.add(e.what());
    }
    return check;
}

}  // namespace xloop::trace
