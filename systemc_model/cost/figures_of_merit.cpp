#include "systemc_model/cost/figures_of_merit.hpp"

#include "core/error.hpp"

namespace xloop {

FiguresOfMerit figures_of_merit(const Ledger& ledger, int images, double latency_s, double interval_s, double macs) {
    if (images < 1 || !(latency_s > 0) || interval_s <= 0)
        throw Error("figures of merit need at least one image, a latency and an interval above 0");
    FiguresOfMerit figures;
    figures.latency_s = latency_s;
    figures.interval_s = interval_s;
    figures.area_mm2 = ledger.area_total_mm2;
    figures.dynamic_j = ledger.dynamic_total_j / images;
    figures.static_w = ledger.static_power_w();
    figures.macs = macs;
    return figures;
}

}  // namespace xloop
