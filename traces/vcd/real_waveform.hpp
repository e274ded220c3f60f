#pragma once

#include "traces/text/limited_text.hpp"

#include <vector>

namespace xloop::trace {

/// Figures over time as `real` variables of a value change dump (IEEE 1364-2005, clause 18), in picoseconds.
class RealWaveform {
public:
    struct Variable {
        std::string scope;  ///< instances joined by '.'
        std::string name;
    };

    RealWaveform(std::string path, std::uint64_t limit_bytes, const std::vector<Variable>& variables,
                 const std::string& program);

    /// The variables' values from `time` on, which must not go backwards; all are 0 until then.
    void values(Time time, const std::vector<double>& values);
    void finish(Time end);
    std::string remark() const { return file_.remark(); }

private:
    void write_header(const std::vector<Variable>& variables, const std::string& program);
    void change(std::size_t variable, double value);

    LimitedText file_;
    std::vector<std::string> codes_;
    std::vector<double> shown_;
    std::string text_;
    bool started_ = false;
    Time last_ = 0;
};

}  // namespace xloop::trace
