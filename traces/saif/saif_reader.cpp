#include "traces/saif/saif_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace xloop::trace {
namespace {

constexpr int deepest = 256;
constexpr std::size_t longest_token = 65536;

struct Token {
    enum class Kind : std::uint8_t { open, close, text, quoted, end };
    Kind kind = Kind::end;
    std::string text;
};

class Parser {
public:
    explicit Parser(TextInput& in) : in_(in) { advance(); }

    SaifFile parse() {
        expect(Token::Kind::open, "(SAIFILE; is this a SAIF file?");
        if (token_.kind != Token::Kind::text || token_.text != "SAIFILE")
            fail("expected SAIFILE behind the first parenthesis; is this a SAIF file?");
        advance();
        while (token_.kind != Token::Kind::close) {
            expect(Token::Kind::open, "a group in parentheses");
            const std::string key = keyword();
            if (key == "INSTANCE")
                file_.instances.push_back(instance(1));
            else
                header_field(key);
        }
        advance();
        if (token_.kind != Token::Kind::end)
            fail(fmt::format("{} behind the end of SAIFILE, expected nothing", shown()));
        return std::move(file_);
    }

private:
    [[noreturn]] void fail(const std::string& what) const { in_.fail(what); }

    std::string shown() const {
        switch (token_.kind) {
        case Token::Kind::open: return "`(`";
        case Token::Kind::close: return "`)`";
        case Token::Kind::end: return "the end of the file";
        default: return "`" + token_.text.substr(0, 40) + "`";
        }
    }

    void expect(Token::Kind kind, const char* expected) {
        if (token_.kind != kind)
            fail(fmt::format("{}, expected {}{}", shown(), expected,
                             token_.kind == Token::Kind::end ? "; is the file cut off?" : ""));
        advance();
    }

    std::string keyword() {
        if (token_.kind != Token::Kind::text)
            fail(shown() + ", expected a keyword behind `(`");
        std::string key = std::move(token_.text);
        advance();
        return key;
    }

    void close() { expect(Token::Kind::close, "`)`"); }

    void advance() {
        token_.text.clear();
        int c = in_.get();
        while (c >= 0 && c <= ' ')
            c = in_.get();
        if (c < 0)
            token_.kind = Token::Kind::end;
        else if (c == '(')
            token_.kind = Token::Kind::open;
        else if (c == ')')
            token_.kind = Token::Kind::close;
        else if (c == '"')
            read_quoted();
        else
            read_text(c);
    }

    void read_quoted() {
        token_.kind = Token::Kind::quoted;
        for (int c = in_.get(); c != '"'; c = in_.get()) {
            if (c == '\\' && (in_.peek() == '"' || in_.peek() == '\\'))
                c = in_.get();
            if (c < 0)
                fail("the file ends in a quoted text, expected `\"`");
            append(c);
        }
    }

    /// A backslash makes any character part of the name: data\[3\] is bit 3 of data, as data[3] is.
    void read_text(int c) {
        token_.kind = Token::Kind::text;
        for (;; c = in_.get()) {
            if (c == '\\' && in_.peek() > ' ')
                c = in_.get();
            append(c);
            const int following = in_.peek();
            if (following <= ' ' || following == '(' || following == ')' || following == '"')
                return;
        }
    }

    void append(int c) {
        if (token_.text.size() >= longest_token)
            fail(fmt::format("a name or text of more than {} characters", longest_token));
        token_.text += static_cast<char>(c);
    }

    bool at_text() const { return token_.kind == Token::Kind::text || token_.kind == Token::Kind::quoted; }

    std::string name(const char* what) {
        if (!at_text() || token_.text.empty())
            fail(fmt::format("{}, expected {}", shown(), what));
        std::string text = std::move(token_.text);
        advance();
        return text;
    }

    /// The rest of a group whose parenthesis and keyword are read.
    void skip_group() {
        for (std::uint64_t depth = 1; depth > 0; advance()) {
            if (token_.kind == Token::Kind::end)
                fail("the file ends in a group, expected `)`; is it cut off?");
            if (token_.kind == Token::Kind::open)
                ++depth;
            if (token_.kind == Token::Kind::close)
                --depth;
        }
    }

    /// Some tools write fractions; only whole numbers mean anything here.
    std::uint64_t number(const std::string& what) {
        const std::string text = token_.text;
        if (!at_text())
            fail(fmt::format("{}, expected the number of {}", shown(), what));
        std::uint64_t value = 0;
        const char* const last = text.data() + text.size();
        const auto [end, problem] = std::from_chars(text.data(), last, value);
        if (problem == std::errc::result_out_of_range)
            fail(fmt::format("{} {}, expected less than 2^64", what, shown()));
        if (problem != std::errc() ||
            (end != last && !(*end == '.' && std::all_of(end + 1, last, [](char c) { return c == '0'; }))))
            fail(fmt::format("{} {}, expected a whole number of at least 0", what, shown()));
        advance();
        return value;
    }

    void header_field(const std::string& key) {
        if (file_.has(key))
            fail(fmt::format("{} comes twice, expected it once", key));
        SaifHeader& header = file_.header;
        if (key == "DIRECTION") {
            if (name("\"backward\"") != "backward")
                fail("only files of direction \"backward\" hold activity; expected (DIRECTION \"backward\")");
        } else if (key == "DESIGN" || key == "DATE" || key == "PROGRAM_NAME" || key == "VERSION") {
            std::string& field = key == "DESIGN"    ? header.design
                                 : key == "DATE"    ? header.date
                                 : key == "VERSION" ? header.version
                                                    : header.program;
            if (at_text()) {
                field = std::move(token_.text);
                advance();
            }
        } else if (key == "DIVIDER") {
            const std::string divider = name("/ or .");
            if (divider.size() != 1)
                fail("DIVIDER `" + divider.substr(0, 40) + "`, expected one character");
            file_.divider = divider.front();
        } else if (key == "DURATION") {
            header.duration = number(key);
        } else if (key == "TIMESCALE") {
            time_scale();
        } else {
            remember(key);
            skip_group();
            return;
        }
        remember(key);
        close();
    }

    void remember(const std::string& key) {
        if (file_.fields.size() >= 1000)
            fail("more than 1000 fields before the end of SAIFILE");
        file_.fields.push_back(key);
    }

    void time_scale() {
        std::string text = name("a time scale, e.g. 1 ps");
        if (at_text())
            text += name("a unit");
        const std::optional<TimeScale> scale = parse_time_scale(text);
        if (!scale)
            fail("TIMESCALE `" + text.substr(0, 40) +
                 "`, expected 1, 10 or 100 and a unit from s to fs, e.g. (TIMESCALE 1 ps)");
        file_.header.timescale_value = scale->value;
        file_.header.timescale_unit = scale->unit;
    }

    /// `INSTANCE` is read.
    SaifInstance instance(int depth) {
        if (depth > deepest)
            fail(fmt::format("more than {} instances in each other", deepest));
        SaifInstance result;
        result.line = in_.line();
        result.name = name("the name of an instance");
        if (at_text())  // the first word was the type
            result.name = name("the name of an instance");
        while (token_.kind != Token::Kind::close) {
            expect(Token::Kind::open, "`)` or a group such as (NET or (INSTANCE");
            const std::string key = keyword();
            if (key == "INSTANCE")
                result.children.push_back(instance(depth + 1));
            else if (key == "NET" || key == "PORT")
                nets(result.nets);
            else
                skip_group();
        }
        close();
        return result;
    }

    void nets(std::vector<SaifNet>& into) {
        while (token_.kind != Token::Kind::close) {
            expect(Token::Kind::open, "`)` or a net in parentheses");
            SaifNet net;
            net.line = in_.line();
            const std::string text = name("the name of a net");
            const auto [base, bit] = split_bit(text);
            net.name = base;
            net.bit = bit;
            while (token_.kind != Token::Kind::close) {
                expect(Token::Kind::open, "`)` or a count such as (T0 5)");
                count(net);
            }
            close();
            into.push_back(std::move(net));
        }
        close();
    }

    void count(SaifNet& net) {
        const std::string key = keyword();
        SaifCounts& counts = net.counts;
        std::uint64_t* const field = key == "T0"   ? &counts.t0
                                     : key == "T1" ? &counts.t1
                                     : key == "TX" ? &counts.tx
                                     : key == "TZ" ? &counts.tz
                                     : key == "TB" ? &net.tb
                                     : key == "TC" ? &counts.tc
                                     : key == "IG" ? &counts.ig
                                                   : nullptr;
        if (field == nullptr) {
            skip_group();
            return;
        }
        *field = number(key);
        close();
    }

    TextInput& in_;
    Token token_;
    SaifFile file_;
};

}  // namespace

SaifFile read_saif(TextInput& in) { return Parser(in).parse(); }

}  // namespace xloop::trace
