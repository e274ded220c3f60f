#include "traces/tools/timeline_info.hpp"

#include "core/json.hpp"
#include "traces/text/text_characters.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace xloop::trace {
namespace {

/// Sums events up as they come: their number may be large.
class Events : public nlohmann::json_sax<Json> {
public:
    explicit Events(TextInput& in) : in_(in) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t value) override { return number(static_cast<double>(value)); }
    bool number_unsigned(std::uint64_t value) override { return number(static_cast<double>(value)); }
    bool number_float(double value, const std::string&) override { return number(value); }
    bool binary(binary_t&) override { return true; }

    bool string(std::string& text) override {
        if (depth_ != event_depth_)
            return true;
        if (key_ == "ph")
            phase_ = text;
        else if (key_ == "name")
            name_ = text;
        else if (key_ == "cat")
            category_ = text;
        return true;
    }

    bool start_object(std::size_t) override {
        ++depth_;
        if (event_depth_ == 0 && in_events_)
            event_depth_ = depth_;
        if (depth_ == event_depth_) {
            phase_ = name_ = category_ = "";
            start_ = duration_ = process_ = thread_ = 0;
        }
        return true;
    }

    bool end_object() override {
        if (depth_ == event_depth_) {
            take();
            event_depth_ = 0;
        }
        --depth_;
        return true;
    }

    /// The events are the array `traceEvents`, or the whole file is one.
    bool start_array(std::size_t) override {
        ++depth_;
        if (!in_events_ && (depth_ == 1 || (depth_ == 2 && key_ == "traceEvents"))) {
            in_events_ = has_events_ = true;
            events_depth_ = depth_;
        }
        return true;
    }

    bool end_array() override {
        if (depth_ == events_depth_)
            in_events_ = false;
        --depth_;
        return true;
    }

    bool key(std::string& name) override {
        if (event_depth_ == 0 || depth_ == event_depth_)
            key_ = name;
        return true;
    }

    bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& e) override {
        const std::string what = e.what();
        in_.fail("no JSON at `" + token.substr(0, 40) +
                 "`: " + what.substr(what.rfind("; ") == std::string::npos ? 0 : what.rfind("; ") + 2));
    }

    void report(TraceInfo& info) const {
        if (!has_events_)
            throw InputError(in_.name() + ": no time line, expected a JSON object with the array traceEvents");
        Json& summary = info.summary;
        summary["format"] = "timeline JSON";
        summary["slices"] = slices_;
        summary["counters"] = counters_;
        summary["tracks"] = tracks_.size();
        summary["first_us"] = slices_ + counters_ > 0 ? first_ : 0.0;
        summary["last_us"] = last_;
        add_table(info, "categories", "category", by_category_);
        add_table(info, "slices", "slice", by_name_);
    }

private:
    struct Spent {
        double microseconds = 0;
        std::uint64_t count = 0;
    };

    bool number(double value) {
        if (depth_ != event_depth_)
            return true;
        if (key_ == "ts")
            start_ = value;
        else if (key_ == "dur")
            duration_ = value;
        else if (key_ == "pid")
            process_ = value;
        else if (key_ == "tid")
            thread_ = value;
        return true;
    }

    void take() {
        if (phase_ != "X" && phase_ != "C")
            return;
        first_ = std::min(first_, start_);
        last_ = std::max(last_, start_ + duration_);
        if (phase_ == "C") {
            ++counters_;
            return;
        }
        ++slices_;
        tracks_.emplace(process_, thread_);
        for (Spent* spent : {&by_category_[category_], &by_name_[name_]}) {
            spent->microseconds += duration_;
            ++spent->count;
        }
    }

    static void add_table(TraceInfo& info, const char* name, const char* column,
                          const std::map<std::string, Spent>& spent) {
        TraceInfo::Table table{name, {column, "count", "time_us"}, {}};
        for (const auto& [key, sum] : spent)
            table.rows.push_back({key, sum.count, sum.microseconds});
        std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& a, const auto& b) {
            return a[2].template get<double>() > b[2].template get<double>();
        });
        info.tables.push_back(std::move(table));
    }

    TextInput& in_;
    std::size_t depth_ = 0, event_depth_ = 0, events_depth_ = 0;
    bool in_events_ = false, has_events_ = false;
    std::string key_, phase_, name_, category_;
    double start_ = 0, duration_ = 0, process_ = 0, thread_ = 0;
    double first_ = 1e300, last_ = 0;
    std::uint64_t slices_ = 0, counters_ = 0;
    std::set<std::pair<double, double>> tracks_;
    std::map<std::string, Spent> by_category_, by_name_;
};

}  // namespace

void inspect_timeline(TextInput& in, TraceInfo& info) {
    Events events(in);
    Json::sax_parse(TextCharacters(&in), TextCharacters(), &events);
    events.report(info);
}

}  // namespace xloop::trace
