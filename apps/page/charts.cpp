#include "apps/page/charts.hpp"

#include "core/words.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace xloop::page {
namespace {

constexpr std::size_t named_classes = 7;  ///< that colours for the colour-blind are enough for

Json drawn_list(const std::vector<double>& values) {
    Json list = Json::array();
    for (const double value : values)
        list.push_back(drawn(value));
    return list;
}

}  // namespace

Json drawn(double value) {
    return std::isfinite(value) ? Json(std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr)) : Json();
}

Figure bar_chart(std::string title, const std::string& axis, const std::vector<std::string>& labels, Bars how,
                 std::string words) {
    return {"chart",
            std::move(title),
            std::move(words),
            {{"type", "bars"},
             {"axis", axis},
             {"lying", how != Bars::upright},
             {"stacked", how == Bars::stacked},
             {"labels", labels},
             {"series", Json::array()}}};
}

Figure line_chart(std::string title, const std::string& x, const std::string& y, std::string words) {
    return {"chart",
            std::move(title),
            std::move(words),
            {{"type", "lines"}, {"x", x}, {"axis", y}, {"series", Json::array()}}};
}

Json& add_bars(Figure& figure, const std::string& name, const std::vector<double>& values) {
    Json& series = figure.data["series"];
    series.push_back({{"name", name}, {"values", drawn_list(values)}});
    return series.back();
}

Json& add_bars(Figure& figure, const std::string& name, const std::vector<double>& values,
               const std::vector<double>& low, const std::vector<double>& high) {
    Json& series = add_bars(figure, name, values);
    series["low"] = drawn_list(low);
    series["high"] = drawn_list(high);
    return series;
}

Json& add_line(Figure& figure, const std::string& name, const std::vector<std::pair<double, double>>& points) {
    Json list = Json::array();
    for (const auto& [x, y] : points)
        if (std::isfinite(y))
            list.push_back({{"x", drawn(x)}, {"y", drawn(y)}});
    Json& series = figure.data["series"];
    series.push_back({{"name", name}, {"points", std::move(list)}});
    return series.back();
}

void add_classes(Figure& figure, const std::vector<PerComponent>& energies, double scale) {
    PerComponent total{};
    for (const PerComponent& classes : energies)
        for (std::size_t c = 0; c < component_count; ++c)
            total[c] += classes[c];
    std::vector<std::size_t> order(component_count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return total[a] > total[b]; });
    std::vector<double> others(energies.size(), 0.0);
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::size_t c = order[rank];
        if (total[c] <= 0.0)
            break;
        std::vector<double> values;
        for (std::size_t i = 0; i < energies.size(); ++i) {
            values.push_back(scale * energies[i][c]);
            others[i] += rank < named_classes ? 0.0 : values.back();
        }
        if (rank < named_classes)
            add_bars(figure, name_of(static_cast<Component>(c)), values);
    }
    if (std::any_of(others.begin(), others.end(), [](double value) { return value > 0.0; }))
        add_bars(figure, "other classes", others);
}

const Json& field(const Json& object, std::string_view path) {
    static const Json none;
    const Json* at = &object;
    for (const std::string_view key : split(path, '.')) {
        if (!at->is_object())
            return none;
        const auto found = at->find(std::string(key));
        if (found == at->end())
            return none;
        at = &*found;
    }
    return *at;
}

double number(const Json& object, std::string_view path) {
    const Json& found = field(object, path);
    return found.is_number() ? found.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::string text(const Json& object, std::string_view path) {
    const Json& found = field(object, path);
    return found.is_null() ? "" : found.is_string() ? found.get<std::string>() : found.dump();
}

Json cell(const Json& value) {
    const bool texts =
        value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
    return value.is_primitive() || texts ? value : Json(value.dump());
}

Table table_of(std::string name, const Json& list, std::vector<Column> columns) {
    Table table{std::move(name), std::move(columns)};
    for (const Json& item : list) {
        std::vector<Json>& row = table.rows.emplace_back();
        for (const Column& column : table.columns) {
            const Json& found = field(item, column.key);
            // Only numbers are scaled.
            row.push_back(column.scale == 1 || found.is_number() || found.is_null() ? cell(found) : Json(found.dump()));
        }
    }
    return table;
}

}  // namespace xloop::page
