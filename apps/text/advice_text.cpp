#include "apps/text/advice_text.hpp"

#include "core/table.hpp"

#include <fmt/format.h>
#include <cmath>
#include <set>

namespace xloop {
namespace {

using Level = WeightLevel;

std::string ratio_words(double gain) {
    if (gain > even_within)
        return fmt::format("{:.3g}x less energy", gain);
    return gain < 1 / even_within ? fmt::format("{:.3g}x the energy", 1 / gain) : "about the same energy";
}

/// A number of products that a load must serve at least.
Json whole(const std::optional<double>& products) {
    return products ? Json(std::max(1.0, std::ceil(*products))) : Json();
}

std::string break_even_words(const TileAdvice& tile, int vectors) {
    const Json products = whole(tile.break_even(Level::off_chip));
    if (products.is_null())
        return "no number of products pays for a load from off chip";
    const double number = products.get<double>();
    return number <= 1 ? "a load from off chip pays off at once"
                       : fmt::format("a load from off chip pays off from {:.0f} products ({:.0f} vectors)", number,
                                     number * vectors);
}

std::string changing_words(const TileAdvice& tile) {
    return fmt::format("Weights written for each product: {} ({}), {:.0f} % of it writing.",
                       ratio_words(tile.gain(Level::on_chip, Level::on_chip)), tile.tile,
                       100 * tile.own->write_share(Level::on_chip));
}

Table product_table(const std::vector<ProductAdvice>& products) {
    Table table{"products",
                {Column("product", "product", -1), Column("count", "times", 5, 2), Column("m", "M", 6, 2),
                 Column("n", "N", 6, 2), Column("k", "K", 6, 2), Column("groups", "groups", 6, 2),
                 Column("macs", "multiply-adds M", 15, 2, "{:.3f}", 1e-6),
                 Column("algorithmic_reuse", "reuse", 8, 2, "{:.2f}"), Column("weight_reuse", "of weights", 10, 2),
                 Column("input_reuse", "of inputs", 9, 2), Column("verdict", "compute", -1, 2)}};
    for (const ProductAdvice& a : products) {
        const MatrixProduct& p = a.product;
        table.add(p.name, p.count, p.m, p.n, p.k, p.groups, p.macs(), p.algorithmic_reuse(), p.weight_reuse(),
                  p.input_reuse(), name_of(a.verdict()));
    }
    return table;
}

Table gain_table(const std::vector<ProductAdvice>& products) {
    constexpr const char* factor = "{:.3g}";
    Table table{"gains",
                {Column("", "product", -1), Column("", "tile", -1, 2), Column("", "fill %", 6, 2, "{:.0f}", 100),
                 Column("", "kept", 8, 2, factor), Column("", "or fetched", 10, 2, factor),
                 Column("", "changing", 8, 2, factor), Column("", "writing %", 9, 2, "{:.0f}", 100),
                 Column("", "kept, time", 10, 2, factor), Column("", "pays off: on chip", 17, 2, "{:.0f}"),
                 Column("", "off chip", 8, 2, "{:.0f}")}};
    for (const ProductAdvice& a : products)
        for (const TileAdvice& t : a.tiles) {
            if (!t.fits()) {
                table.add(a.product.name, t.tile, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                          nullptr);
                continue;
            }
            const bool stays = !a.product.weights_change;
            const auto if_kept = [&](const Json& value) { return stays ? value : Json(); };
            table.add(a.product.name, t.tile, t.own->fill, if_kept(t.gain(Level::resident, Level::resident)),
                      if_kept(t.gain(Level::resident, Level::off_chip)), t.gain(Level::on_chip, Level::on_chip),
                      t.own->write_share(Level::on_chip),
                      if_kept(t.digital->time_s(Level::resident) / t.own->time_s(Level::resident)),
                      if_kept(whole(t.break_even(Level::on_chip))), if_kept(whole(t.break_even(Level::off_chip))));
        }
    return table;
}

/// A row for each kind of tile, then one for each digital tile.
Table cost_table(const std::vector<ProductAdvice>& products) {
    Table table{
        "costs",
        {Column("", "product", -1), Column("", "tile", -1, 2), Column("", "arrays", 7, 2), Column("", "tiles", 6, 2),
         Column("", "fill %", 6, 2, "{:.0f}", 100), Column("", "mm2", 9, 2, "{:.2f}"),
         Column("", "pJ/MAC: kept", 12, 2, "{:.3g}"), Column("", "from chip", 9, 2, "{:.3g}"),
         Column("", "off chip", 8, 2, "{:.3g}"), Column("", "us: kept", 9, 2, "{:.2f}"),
         Column("", "from chip", 9, 2, "{:.2f}"), Column("", "off chip", 9, 2, "{:.2f}")}};
    const auto add = [&](const MatrixProduct& p, const std::string& tile, const ProductCost& cost) {
        const auto pj = [&](Level level) { return 1e12 * cost.energy_j(level) / p.macs(); };
        const auto us = [&](Level level) { return 1e6 * cost.time_s(level); };
        table.add(p.name, tile, cost.arrays, cost.tiles, cost.fill, cost.area_mm2, pj(Level::resident),
                  pj(Level::on_chip), pj(Level::off_chip), us(Level::resident), us(Level::on_chip),
                  us(Level::off_chip));
    };
    for (const ProductAdvice& a : products) {
        std::set<std::string> shown;
        for (const TileAdvice& t : a.tiles)
            if (t.own)
                add(a.product, t.tile, *t.own);
        for (const TileAdvice& t : a.tiles) {
            const std::string name = fmt::format("digital {} x {} bits, {}", t.numerics.weight_bits,
                                                 t.numerics.activation_bits, t.cost_table);
            if (t.digital && shown.insert(name).second)
                add(a.product, name, *t.digital);
        }
    }
    return table;
}

Table total_table(const std::vector<ProductAdvice>& products) {
    Table table{"totals",
                {Column("tile", "tile", -1), Column("cost_table", "costs of", -1, 2),
                 Column("products", "products", 8, 2), Column("kept", "gain: kept", 10, 2),
                 Column("instead_of_fetching", "or fetched", 10, 2), Column("changing", "changing", 8, 2)}};
    const char* const headings[] = {"kept", "from chip", "off chip"};
    for (const bool time : {false, true})
        for (std::size_t l = 0; l < weight_levels; ++l) {
            const std::string key = std::string(name_of(static_cast<Level>(l))) + (time ? "_s" : "_j");
            const bool shown = !time || l == 0;  // people see one time
            const std::string heading = shown ? fmt::format("{}: {}", time ? "ms" : "mJ", headings[l]) : "";
            table.columns.emplace_back(key, heading, 9, 2, "{:.4g}", 1e3);
            table.columns.emplace_back("digital_" + key, shown ? "digital" : "", 9, 2, "{:.4g}", 1e3);
        }
    for (const TileTotals& t : totals_of(products)) {
        std::vector<Json> row = {t.tile, t.cost_table, t.products, t.kept, t.instead_of_fetching, t.changing};
        for (const bool time : {false, true})
            for (std::size_t l = 0; l < weight_levels; ++l) {
                row.push_back(t.fits ? Json(time ? t.own_s[l] : t.own_j[l]) : Json());
                row.push_back(t.fits ? Json(time ? t.digital_s[l] : t.digital_j[l]) : Json());
            }
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::vector<Column> cost_columns(const std::string& whose) {
    std::vector<Column> columns;
    const auto add = [&](const std::string& key) { columns.emplace_back(whose + key, ""); };
    for (const char* key : {"pieces", "arrays", "tiles", "fill", "area_mm2", "dynamic_j", "static_j", "seconds"})
        add(key);
    for (std::size_t l = 1; l < weight_levels; ++l)
        for (const char* key : {"write_j", "move_j", "static_j", "seconds"})
            add(std::string(name_of(static_cast<Level>(l))) + "_" + key);
    for (std::size_t l = 0; l < weight_levels; ++l)
        add(std::string(name_of(static_cast<Level>(l))) + "_energy_j");
    return columns;
}

void add_cost(std::vector<Json>& row, const std::optional<ProductCost>& cost) {
    if (!cost) {
        row.insert(row.end(), cost_columns("").size(), Json());
        return;
    }
    for (const Json& value : {Json(cost->pieces), Json(cost->arrays), Json(cost->tiles), Json(cost->fill),
                              Json(cost->area_mm2), Json(cost->dynamic_j), Json(cost->static_j), Json(cost->seconds)})
        row.push_back(value);
    for (std::size_t l = 1; l < weight_levels; ++l)
        for (const double value :
             {cost->loads[l].write_j, cost->loads[l].move_j, cost->loads[l].static_j, cost->loads[l].seconds})
            row.emplace_back(value);
    for (std::size_t l = 0; l < weight_levels; ++l)
        row.emplace_back(cost->energy_j(static_cast<Level>(l)));
}

/// All figures, for programs.
Table full_table(const std::string& list, const std::vector<ProductAdvice>& products) {
    Table table{
        "tiles",
        for_programs("list,product,count,m,n,k,groups,weights_change,macs,algorithmic_reuse,weight_reuse,input_reuse,"
                     "tile,cost_table,weight_bits,activation_bits,in_memory,gain_kept,gain_instead_of_fetching,gain_"
                     "changing,break_even_on_chip,"
                     "break_even_off_chip,refused")};
    for (const char* whose : {"", "digital_"})
        for (Column& column : cost_columns(whose))
            table.columns.push_back(std::move(column));
    for (const ProductAdvice& a : products)
        for (const TileAdvice& t : a.tiles) {
            const MatrixProduct& p = a.product;
            std::vector<Json> row = {list,
                                     p.name,
                                     p.count,
                                     p.m,
                                     p.n,
                                     p.k,
                                     p.groups,
                                     p.weights_change,
                                     p.macs(),
                                     p.algorithmic_reuse(),
                                     p.weight_reuse(),
                                     p.input_reuse(),
                                     t.tile,
                                     t.cost_table,
                                     t.numerics.weight_bits,
                                     t.numerics.activation_bits,
                                     t.in_memory};
            const auto if_fits = [&](auto value) { row.push_back(t.fits() ? Json(value()) : Json()); };
            const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
            if_fits([&] { return t.gain(Level::resident, Level::resident); });
            if_fits([&] { return t.gain(Level::resident, Level::off_chip); });
            if_fits([&] { return t.gain(Level::on_chip, Level::on_chip); });
            if_fits([&] { return number(t.break_even(Level::on_chip)); });
            if_fits([&] { return number(t.break_even(Level::off_chip)); });
            row.push_back(t.refused.empty() ? Json() : Json(t.refused));
            add_cost(row, t.own);
            add_cost(row, t.digital);
            table.rows.push_back(std::move(row));
        }
    return table;
}

std::string refusals(const std::vector<ProductAdvice>& products) {
    std::string text;
    for (const ProductAdvice& a : products)
        for (const TileAdvice& t : a.tiles)
            if (!t.fits())
                text += fmt::format("{} does not fit {}: {}\n", a.product.name, t.tile, t.refused);
    return text;
}

}  // namespace

std::string verdict_text(const ProductAdvice& advice) {
    const TileAdvice *kept = advice.best(Level::resident, Level::resident),
                     *changing = advice.best(Level::on_chip, Level::on_chip);
    if (kept == nullptr)
        return fmt::format("{}: no tile that computes in memory holds it", advice.product.name);
    const std::string head = fmt::format("{}: {}. ", advice.product.name, name_of(advice.verdict()));
    if (advice.product.weights_change)
        return head + changing_words(*changing);
    const TileAdvice& fetched = *advice.best(Level::resident, Level::off_chip);
    return head +
           fmt::format("Weights kept: {} ({}). Where digital tiles fetch them: {} ({}), {}. ",
                       ratio_words(kept->gain(Level::resident, Level::resident)), kept->tile,
                       ratio_words(fetched.gain(Level::resident, Level::off_chip)), fetched.tile,
                       break_even_words(fetched, advice.product.m)) +
           changing_words(*changing);
}

std::string advice_text(const std::vector<AdviceList>& lists, bool with_costs) {
    std::string text;
    std::vector<ProductAdvice> all;
    for (const AdviceList& list : lists)
        all.insert(all.end(), list.products.begin(), list.products.end());
    text +=
        product_table(all).text() +
        "\nEnergy of digital tiles with costs of the same table over that of the tile (above 1: less energy in "
        "memory).\n"
        "kept: weights stay in both; or fetched: they stay in memory, digital tiles fetch them from off chip for each\n"
        "product; changing: both are written from the chip's buffers for each product, of which writing takes so "
        "much;\n"
        "pays off: products that a load must serve, against digital tiles that fetch the weights for each.\n" +
        gain_table(all).text() + refusals(all) + "\n";
    if (with_costs)
        text += cost_table(all).text() + "\n";
    for (const ProductAdvice& advice : all)
        text += verdict_text(advice) + "\n";
    for (const AdviceList& list : lists)
        if (list.products.size() > 1 || list.products.front().product.count > 1)
            text += fmt::format(
                        "\n{}, all products as often as they are there; gain: of how many the energy is more than "
                        "{:.0f} % less\n",
                        list.name, 100 * (1 - 1 / even_within)) +
                    total_table(list.products).text();
    return text;
}

Json advice_json(const std::vector<AdviceList>& lists, const std::vector<std::string>& warnings) {
    Json json = {{"lists", Json::array()}, {"cost_warnings", warnings}};
    for (const AdviceList& list : lists) {
        Json products = product_table(list.products).json();
        for (std::size_t p = 0; p < list.products.size(); ++p)
            products[p]["words"] = verdict_text(list.products[p]);
        json["lists"].push_back({{"name", list.name},
                                 {"products", std::move(products)},
                                 {"tiles", full_table(list.name, list.products).json()},
                                 {"totals", total_table(list.products).json()}});
    }
    return json;
}

std::string advice_csv(const std::vector<AdviceList>& lists) {
    Table all = full_table("", {});
    for (const AdviceList& list : lists)
        for (auto& row : full_table(list.name, list.products).rows)
            all.rows.push_back(std::move(row));
    return all.csv();
}

}  // namespace xloop
