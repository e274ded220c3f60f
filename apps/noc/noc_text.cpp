#include "apps/noc/noc_text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace xloop {

using noc::Measurement;

std::string noc_title(const NocOptions& o) {
    const noc::NetworkConfig& n = o.network;
    const std::string network = fmt::format("{}x{} {}, {} VCs x {} flits, {} traffic", n.cols, n.rows,
                                            n.torus ? "torus" : "mesh", n.vcs, n.vc_buffer_flits, o.pattern);
    return o.replays() ? network : fmt::format("{}, packets of {} flits", network, o.traffic.packet_flits);
}

Table noc_table() {
    Table table{"loads",
                {Column("offered_flit_rate", "offered", 7, 0, "{:.4f}"),
                 Column("accepted_flit_rate", "accepted", 8, 2, "{:.4f}"), Column("stable", "stable", 6, 2),
                 Column("packet_latency_avg_cycles", "latency", 7, 2, "{:.2f}"),
                 Column("packet_latency_max_cycles", "max", 5, 2, "{:.0f}"),
                 Column("network_latency_avg_cycles", "network", 7, 2, "{:.2f}"),
                 Column("flit_latency_avg_cycles", "flit", 6, 2, "{:.2f}"), Column("hops_avg", "hops", 5, 2, "{:.3f}"),
                 Column("min_node_accepted", ""), Column("max_node_accepted", ""), Column("packets", "packets", 8, 2),
                 Column("cycles", "cycles", 8, 2)}};
    for (Column& column : table.columns)
        column.csv_format = "{:.6g}";
    return table;
}

void add_point(Table& table, const NocPoint& p) {
    const Measurement& m = p.measured;
    const auto known = [&m](double value) { return m.packets > 0 ? Json(value) : Json(); };
    table.add(p.offered_rate, m.accepted_rate, m.created > 0 ? Json(m.stable) : Json(), known(m.packet_latency_avg),
              known(m.packet_latency_max), known(m.network_latency_avg), known(m.flit_latency_avg), known(m.hops_avg),
              m.min_node_accepted, m.max_node_accepted, m.packets, m.cycles);
}

Json point_json(const NocPoint& point, const NocOptions& options) {
    Table table = noc_table();
    add_point(table, point);
    Json json = table.json()[0];
    if (options.replays())
        json.erase("offered_flit_rate");
    json["seconds"] = point.seconds;
    json["router_cycles_per_second"] = router_cycles_per_second(point, options.network);
    return json;
}

double router_cycles_per_second(const NocPoint& point, const noc::NetworkConfig& network) {
    return static_cast<double>(point.measured.total_cycles) * network.cols * network.rows /
           std::max(point.seconds, 1e-9);
}

std::string links_csv(const noc::NetworkConfig& network, const Measurement& measured) {
    const noc::Topology topology(network);
    const auto cycles = static_cast<double>(std::max<std::uint64_t>(measured.total_cycles, 1));
    Table table{"links", for_programs("router,x,y,port,flits,utilisation:.6g")};
    for (int router = 0; router < topology.routers(); ++router)
        for (int port = 0; port < topology.ports(); ++port) {
            if (!topology.port_exists(router, port))
                continue;
            const std::uint64_t flits = measured.link_flits[static_cast<std::size_t>(router * topology.ports() + port)];
            table.add(router, router % network.cols, router / network.cols, noc::Network::port_name(port), flits,
                      static_cast<double>(flits) / cycles);
        }
    return table.csv();
}

}  // namespace xloop
