#include "analysis/hardware_figures.hpp"

namespace xloop {

const std::vector<HardwareFigure>& hardware_figures() {
    using Merit = FiguresOfMerit;
    constexpr Direction least = Direction::minimise, most = Direction::maximise;
    static const std::vector<HardwareFigure> figures = {
        {"energy_j", "energy uJ", "energy of an image on an empty chip", least, 1e6, "{:.4f}",
         [](const Merit& m) { return m.energy_alone_j(); }},
        {"latency_s", "latency us", "from the first input to the last logit of an image", least, 1e6, "{:.2f}",
         [](const Merit& m) { return m.latency_s; }},
        {"area_mm2", "area mm2", "of the whole chip", least, 1, "{:.3f}", [](const Merit& m) { return m.area_mm2; }},
        {"edap", "EDAP Jsmm2", "energy x latency x area of an image on an empty chip", least, 1, "{:.3e}",
         [](const Merit& m) { return m.edap_alone(); }},
        {"interval_s", "interval us", "between two images of a stream", least, 1e6, "{:.2f}",
         [](const Merit& m) { return m.interval_s; }},
        {"edap_stream", "stream EDAP Jsmm2", "energy x interval x area of an image of a stream", least, 1, "{:.3e}",
         [](const Merit& m) { return m.edap_stream(); }},
        {"energy_stream_j", "stream energy uJ", "energy of an image of a stream", least, 1e6, "{:.4f}",
         [](const Merit& m) { return m.energy_stream_j(); }},
        {"power_w", "power mW", "of a stream", least, 1e3, "{:.3f}",
         [](const Merit& m) { return m.average_power_w(); }},
        {"images_per_s", "images/s", "of a stream", most, 1, "{:.1f}", [](const Merit& m) { return m.images_per_s(); }},
        {"tops_per_watt", "TOPS/W", "of a stream; a multiply-accumulate is two operations", most, 1, "{:.3f}",
         [](const Merit& m) { return m.tops_per_watt(); }},
        {"tops_per_mm2", "TOPS/mm2", "of a stream", most, 1, "{:.5f}", [](const Merit& m) { return m.tops_per_mm2(); }},
        {"macs", "MACs M", "multiply-accumulates of an image", least, 1e-6, "{:.3f}",
         [](const Merit& m) { return m.macs; }},
    };
    return figures;
}

}  // namespace xloop
