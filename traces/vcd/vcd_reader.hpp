#pragma once

#include "traces/text/text_input.hpp"
#include "traces/text/time_scale.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xloop::trace {

struct VcdScope {
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    std::string type, name;
    std::uint32_t parent = none;
};

/// A name of a value. Several may share one.
struct VcdVariable {
    std::string type, name;  ///< "wire"; without its range
    std::uint32_t scope = VcdScope::none;
    std::uint32_t code = 0;   ///< index of its value in VcdHeader::values
    bool ranged = false;      ///< has a range or a bit select; then:
    int left = 0, right = 0;  ///< [left:right], equal for a bit select
    std::uint64_t line = 0;

    /// The number of the bit that is `position` bits above the lowest one.
    int bit(std::uint32_t position) const {
        const int distance = static_cast<int>(position);
        return left >= right ? right + distance : right - distance;
    }
};

struct VcdValue {
    enum class Kind : std::uint8_t { bits, real, text };
    Kind kind = Kind::bits;
    std::uint32_t width = 1;  ///< bits

    std::size_t words() const { return (std::size_t{width} + 63) / 64; }
};

struct VcdHeader {
    TimeScale timescale;
    bool has_timescale = false;
    std::string date, version;
    std::vector<VcdScope> scopes;  ///< parents before those within
    std::vector<VcdVariable> variables;
    std::vector<VcdValue> values;

    /// "chip.tile_0_1"; empty outside all scopes.
    std::string path_of(std::uint32_t scope) const;
    /// "chip.tile_0_1.data[7:0]"
    std::string full_name(const VcdVariable& variable) const;
};

/// A new value. The bits are in two planes of 64-bit words, least significant first: 0 is value 0 and unknown 0, 1 is 1 and 0,
/// z is 0 and 1, x is 1 and 1; bits above the width are 0 in both.
struct VcdChange {
    std::uint32_t code = 0;
    const std::uint64_t* value = nullptr;
    const std::uint64_t* unknown = nullptr;
    double real = 0;  ///< of a value of kind real, in place of bits
};

/// Reads a value change dump (IEEE 1364-2005, clause 18; without its extended form) event by event. What is wrong with the file
/// is an InputError with line and column.
class VcdReader {
public:
    enum class Event : std::uint8_t { time, change, dump_vars, dump_all, dump_off, dump_on, dump_end, end };
    struct Limits {
        std::uint32_t width = 1u << 20;  ///< bits of one value
        std::uint64_t bits = 1u << 26;   ///< of all values
        std::size_t depth = 256;         ///< scopes in scopes
    };
    /// Given "name:line:column: what"; the event is then skipped.
    using ProblemListener = std::function<void(const std::string& message)>;

    /// Reads the header.
    explicit VcdReader(TextInput& in) : VcdReader(in, Limits()) {}
    VcdReader(TextInput& in, const Limits& limits);

    const VcdHeader& header() const { return header_; }
    /// Times that go backwards and changes that do not fit go to the listener instead of being errors.
    void on_problem(ProblemListener listener) { listener_ = std::move(listener); }

    /// The next event; after the end always `end`.
    Event next();
    /// Of the last event, in units of the time scale; 0 before the first time.
    std::uint64_t time() const { return time_; }
    /// Valid until the next event.
    const VcdChange& change() const { return change_; }

private:
    void read_header();
    void read_time_scale();
    void open_scope(std::vector<std::uint32_t>& open, std::size_t depth);
    void read_variable(std::uint32_t scope);
    std::uint32_t declare(std::string_view code, const VcdValue& value);
    std::string text_to_end(const char* section);
    std::string_view demand_word(const char* expected);
    void skip_section();

    Event keyword(std::string_view word);
    bool read_time(std::string_view digits);
    bool read_scalar(std::string_view word);
    bool read_vector(std::string_view digits);
    bool read_real(std::string_view number);
    bool skip_text();
    bool find(std::string_view code);
    void index_codes();
    void problem(const std::string& what);

    TextInput& in_;
    Limits limits_;
    VcdHeader header_;
    ProblemListener listener_;
    std::unordered_map<std::string, std::uint32_t> codes_;
    std::uint64_t bits_ = 0;
    /// Short codes of printable characters as numbers of base 95.
    std::vector<std::uint32_t> short_codes_;
    std::size_t longest_short_code_ = 0;

    std::uint64_t time_ = 0;
    bool has_time_ = false, at_end_ = false;
    const char* dump_ = nullptr;  ///< "$dumpvars" while inside of it
    VcdChange change_;
    std::vector<std::uint64_t> value_, unknown_;  ///< planes of change_
    std::string scratch_;
};

}  // namespace xloop::trace
