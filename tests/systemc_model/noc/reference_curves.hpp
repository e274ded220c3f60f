#pragma once

#include "core/csv_rows.hpp"
#include "core/error.hpp"
#include "systemc_model/noc/traffic.hpp"

#include <string>
#include <vector>

namespace xloop::noc {

/// A line of tests/data/noc_booksim2/noc_booksim2.csv.
struct ReferenceRow {
    std::string config_name, mesh_name, traffic_name;
    NetworkConfig network;
    TrafficConfig traffic;
    bool throughput_mode = false, stable = false;
    double packet_latency_avg = 0.0, network_latency_avg = 0.0, flit_latency_avg = 0.0, accepted_rate = 0.0;
};

/// The routers that the reference was run with; see the README beside it.
inline NetworkConfig reference_network(const std::string& name, int size) {
    NetworkConfig c;
    c.cols = c.rows = size;
    if (name == "A_wh1x8") {
        c.vcs = 1;
    } else if (name == "C_vc2x4_spec") {
        c.vcs = 2;
        c.vc_buffer_flits = 4;
        c.speculative = true;
    } else if (name == "D_meshconfig") {
        c.vcs = 16;
        c.wait_for_tail_credit = true;
        c.alloc_iters = 2;
        c.credit_delay_cycles = 2;
    } else if (name != "B_vc4x8") {
        throw InputError("unknown reference router " + name);
    }
    return c;
}

inline std::vector<ReferenceRow> read_reference_curves(const std::string& path) {
    CsvRows line(path, {"config", "mesh", "traffic", "packet_flits", "mode", "injection_rate_flits", "seed", "stable",
                        "pkt_latency_avg", "pkt_latency_max", "net_latency_avg", "flit_latency_avg", "hops_avg",
                        "accepted_flit_rate", "min_node_accepted", "max_node_accepted", "cycles"});
    std::vector<ReferenceRow> rows;
    while (line.next()) {
        ReferenceRow row;
        row.config_name = line.cell(0);
        row.mesh_name = line.cell(1);
        row.traffic_name = line.cell(2);
        row.network = reference_network(row.config_name, row.mesh_name.front() - '0');
        row.traffic.pattern = *value_named<Pattern>(row.traffic_name);
        row.traffic.packet_flits = static_cast<int>(line.integer(3, 1, 64));
        row.traffic.injection_rate = line.number(5, 0.0);
        row.traffic.seed = static_cast<std::uint64_t>(line.integer(6, 0, 1000));
        row.throughput_mode = line.cell(4) == "throughput";
        row.stable = line.cell(7) == "1";
        row.packet_latency_avg = line.number(8, 0.0);
        row.network_latency_avg = line.number(10, 0.0);
        row.flit_latency_avg = line.number(11, 0.0);
        row.accepted_rate = line.number(13, 0.0);
        rows.push_back(row);
    }
    return rows;
}

}  // namespace xloop::noc
