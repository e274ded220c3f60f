#include "nas/candidate.hpp"

#include "analysis/json_fields.hpp"

namespace xloop {
namespace {

template <class Io, class Figures>
void figure_fields(Io& io, Figures& h) {
    auto& f = h.figures;
    io("cycles", h.cycles);
    io("latency_s", f.latency_s);
    io.maybe("interval_s", f.interval_s);
    io("area_mm2", f.area_mm2);
    io("dynamic_j", f.dynamic_j);
    io("static_w", f.static_w);
    io("macs", f.macs);
    io("contended", h.contended);
    if constexpr (!Io::reads) {
        io.derived("energy_j", f.energy_alone_j());
        io.derived("edap", f.edap_alone());
    }
}

template <class Io, class Record>
void fields(Io& io, Record& c) {
    io("id", c.id);
    io("network", c.network);
    io("hardware", c.hardware);
    io("genome", c.genome);
    io("assignments", c.assignments);
    io("generation", c.generation);
    io("parent", c.parent);
    io("origin", c.origin);
    io("refused", c.refused);
    io("violation", c.violation);
    io("weights", c.weights);
    io("predicted", c.predicted);
    io("on_front", c.on_front);
    io("chosen", c.chosen);
    io("tuned", c.tuned);
    io("rank", c.rank);
}

}  // namespace

Json figures_json(const HardwareFigures& figures) {
    Json json;
    JsonWriter writer(json);
    figure_fields(writer, figures);
    return json;
}

HardwareFigures figures_from_json(const Json& json, const std::string& file) {
    HardwareFigures figures;
    JsonReader reader(json, file);
    figure_fields(reader, figures);
    return figures;
}

Json Candidate::json() const {
    Json json;
    JsonWriter writer(json);
    fields(writer, *this);
    json["estimate"] = figures_json(estimate);
    json["accuracy"] = accuracy.cell_list();
    json["test"] = test.cell_list();
    if (confirmed) {
        json["confirmed"] = figures_json(confirmed->hardware);
        json["confirmed"]["logits_equal"] = confirmed->logits_equal;
        json["confirmed"]["stall_share"] = confirmed->stall_share;
    }
    return json;
}

Candidate Candidate::from_json(const Json& json, const std::string& file) {
    Candidate candidate;
    JsonReader reader(json, file);
    fields(reader, candidate);
    candidate.estimate = figures_from_json(reader.at("estimate").json(), file);
    candidate.accuracy = AccuracyTable::from_cell_list(reader.at("accuracy").json(), file);
    candidate.test = AccuracyTable::from_cell_list(reader.at("test").json(), file);
    if (reader.has("confirmed")) {
        const JsonReader confirmed = reader.at("confirmed");
        candidate.confirmed =
            Confirmation{figures_from_json(confirmed.json(), file), confirmed.at("logits_equal").as<bool>(),
                         confirmed.at("stall_share").as<double>()};
    }
    return candidate;
}

}  // namespace xloop
