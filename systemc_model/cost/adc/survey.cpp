#include "systemc_model/cost/adc/survey.hpp"

#include <algorithm>
#include <cmath>

namespace xloop {
namespace {

enum Comparator : std::size_t { column_comparator, converter_share };

}  // namespace

double slow_merit_db(double bits) { return 128.3068 + 3.22051 * std::ceil(bits); }
double fast_merit_db(double hz) { return 213.7807 - 2.87190 * std::log(hz); }

double adc_rate_penalty(double bits, double hz) {
    return std::max(1.0, std::pow(10, (slow_merit_db(bits) - fast_merit_db(hz)) / 10));
}

double adc_energy_scale(double from_nm, double to_nm) { return std::pow(to_nm / from_nm, 1.880037); }
double adc_area_scale(double from_nm, double to_nm) {
    return std::pow(to_nm / from_nm, 0.993279 + 0.299124 * 1.880037);
}

double adc_rate_hz(const ModelQuery& query) { return 1e9 * query.hardware.adc.sample_rate_gsps; }

// At 65 nm and nominal supply, with whose square they go. TIMELY (ISCA 2020): 41.7 fJ, 40 um2. Flash converter of Chung et al. (VLSI 2009), 3.78 effective bits at
// 7.67 GS/s, with its ladder and encoder: a fifteenth of 6.78 pJ and 10000 um2.
Cell comparator(const ModelQuery& query) {
    const double node_nm = query.node(22, 65);
    const bool column = is_column_comparator(query);
    return {(column ? 41.7 : 6780.0 / 15) * adc_energy_scale(65, node_nm) * query.supply_factor(),
            (column ? 40.0 : 10000.0 / 15) * adc_area_scale(65, node_nm), 0.0};
}

bool is_column_comparator(const ModelQuery& query) { return query.parameter(0) == column_comparator; }

std::vector<ModelParameter> comparator_parameters() {
    return {{"comparator",
             "",
             column_comparator,
             0,
             1,
             "column: TIMELY's; converter: a share of a stand-alone flash converter",
             {"column", "converter"}},
            leakage_divisor_parameter()};
}

}  // namespace xloop
