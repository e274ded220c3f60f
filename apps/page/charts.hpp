#pragma once

#include "apps/page/page.hpp"
#include "core/activity.hpp"

#include <string>
#include <utility>
#include <vector>

namespace xloop::page {

enum class Bars { upright, lying, stacked };  ///< stacked: lying, too

/// What page.js calls a chart, without series.
Figure bar_chart(std::string title, const std::string& axis, const std::vector<std::string>& labels, Bars how,
                 std::string words = {});
Figure line_chart(std::string title, const std::string& x, const std::string& y, std::string words = {});

/// Values, one for each label; not a number where there is none.
Json& add_bars(Figure& figure, const std::string& name, const std::vector<double>& values);
/// The same with the ends of intervals.
Json& add_bars(Figure& figure, const std::string& name, const std::vector<double>& values,
               const std::vector<double>& low, const std::vector<double>& high);
Json& add_line(Figure& figure, const std::string& name, const std::vector<std::pair<double, double>>& points);

/// Six digits, null for what is not a number: enough to draw.
Json drawn(double value);

/// Classes of hardware as stacked bars of `labels`: the seven largest, and the others together. `energies`: one for each
/// label; `scale`: from J to the axis.
void add_classes(Figure& figure, const std::vector<PerComponent>& energies, double scale);

/// Rows of a list of objects as a table: each column's key is the path of a field ("energy_j.total"); a field that is absent is
/// not known.
Table table_of(std::string name, const Json& list, std::vector<Column> columns);
/// What a table can show of a value: itself, of a list or object that holds more than texts how JSON writes it.
Json cell(const Json& value);
/// The field at such a path; null where it is absent.
const Json& field(const Json& object, std::string_view path);
/// A number, or not a number where there is none.
double number(const Json& object, std::string_view path);
/// A text; of a number its digits; empty where there is none.
std::string text(const Json& object, std::string_view path);

}  // namespace xloop::page
