#include "traces/timeline/timeline_reader.hpp"

#include "core/json.hpp"
#include "traces/text/text_characters.hpp"

namespace xloop::trace {
namespace {

class Events : public nlohmann::json_sax<Json> {
public:
    Events(TextInput& in, const std::function<void(const ReadTimelineEvent&)>& take) : in_(in), take_(take) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t value) override { return number(static_cast<double>(value)); }
    bool number_unsigned(std::uint64_t value) override { return number(static_cast<double>(value)); }
    bool number_float(double value, const std::string&) override { return number(value); }
    bool binary(binary_t&) override { return true; }

    bool string(std::string& text) override {
        if (depth_ == event_depth_) {
            if (key_ == "ph")
                event_.phase = text;
            else if (key_ == "name")
                event_.name = text;
            else if (key_ == "cat")
                event_.category = text;
            else if (key_ == "ts" || key_ == "dur" || key_ == "pid" || key_ == "tid")
                in_.fail("no time line of trace events: `" + key_ + "` is `" + text.substr(0, 40) +
                         "`, expected a number");
        } else if (in_arguments() && argument_ == "name")
            event_.argument_name = text;
        return true;
    }

    bool start_object(std::size_t) override {
        ++depth_;
        if (event_depth_ == 0 && in_events_)
            event_depth_ = depth_;
        if (depth_ == event_depth_)
            event_ = {};
        return true;
    }

    bool end_object() override {
        if (depth_ == event_depth_) {
            take_(event_);
            event_depth_ = 0;
        }
        --depth_;
        return true;
    }

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
        else if (in_arguments())
            argument_ = name;
        return true;
    }

    bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& e) override {
        const std::string what = e.what();
        in_.fail("no time line: no JSON at `" + token.substr(0, 40) +
                 "`: " + what.substr(what.rfind("; ") == std::string::npos ? 0 : what.rfind("; ") + 2));
    }

    bool has_events() const { return has_events_; }

private:
    bool in_arguments() const { return event_depth_ > 0 && depth_ == event_depth_ + 1 && key_ == "args"; }

    bool number(double value) {
        if (depth_ == event_depth_) {
            if (key_ == "ts")
                event_.start_us = value;
            else if (key_ == "dur")
                event_.duration_us = value;
            else if (key_ == "pid")
                event_.process = static_cast<std::int64_t>(value);
            else if (key_ == "tid")
                event_.track = static_cast<std::int64_t>(value);
        } else if (in_arguments() && argument_ == "sort_index")
            event_.sort_index = static_cast<std::int64_t>(value);
        return true;
    }

    TextInput& in_;
    const std::function<void(const ReadTimelineEvent&)>& take_;
    std::size_t depth_ = 0, event_depth_ = 0, events_depth_ = 0;
    bool in_events_ = false, has_events_ = false;
    std::string key_, argument_;
    ReadTimelineEvent event_;
};

}  // namespace

void read_timeline(TextInput& in, const std::function<void(const ReadTimelineEvent&)>& take) {
    Events events(in, take);
    Json::sax_parse(TextCharacters(&in), TextCharacters(), &events);
    if (!events.has_events())
        throw InputError(in.name() + ": no time line, expected a JSON object with the array traceEvents");
}

}  // namespace xloop::trace
