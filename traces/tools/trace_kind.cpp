#include "traces/tools/trace_kind.hpp"

#include <cctype>

namespace xloop::trace {

TraceKind kind_of(TextInput& in) {
    while (in.peek() >= 0 && in.peek() <= ' ')
        in.get();
    switch (const int c = in.peek()) {
    case '$': return TraceKind::vcd;
    case '(': return TraceKind::saif;
    case '{':
    case '[': return TraceKind::json;
    default:
        if (c >= 0 && (std::isalpha(c) != 0 || c == '#'))
            return TraceKind::csv;
    }
    throw UnreadableInput(in.name() + (in.peek() < 0 ? ": the file is empty" : ": no trace that is known here") +
                          ", expected VCD, SAIF, CSV or JSON (plain or gzip)");
}

}  // namespace xloop::trace
