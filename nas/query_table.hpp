#pragma once

#include "core/json.hpp"
#include "core/sqlite.hpp"
#include "core/table.hpp"
#include "nas/cell_space.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xloop {

/// What a network costs on some hardware, in closed form (QuickFigures): of one image alone on the chip, but for the interval.
struct CellFigures {
    std::int64_t macs = 0;     ///< multiply-accumulates of an image
    std::int64_t weights = 0;  ///< of convolutions and the classifier, biases left out
    int arrays = 0;            ///< as Mapping::used_arrays
    int tiles = 0;             ///< of the chip, used or not
    double energy_j = 0, latency_s = 0, area_mm2 = 0;
    double interval_s = 0;   ///< between two images of a stream
    double edap = 0;         ///< energy x latency x area, J s mm2
    bool contended = false;  ///< as Estimate::contended: the times are too short, perhaps by far
};

/// How far the sums of a programmed chip are from the exact ones, over its layers with arrays; docs/query_table.md has the
/// equations. The network has random weights, the images random pixels.
struct CellErrors {
    double non_ideality = 0;   ///< mean of LayerErrors::non_ideality
    double sum_error = 0;      ///< root mean square error over the exact sums' standard deviation, geometric mean
    double clipped_share = 0;  ///< of all conversions, those that left their ADC's range
};

/// What is known of one architecture.
struct QueryRow {
    int index = 0;
    Cell cell;
    BenchmarkCounts benchmark;
    std::string problem;  ///< why something is missing: not connected, or the network does not fit; else empty
    std::optional<CellFigures> figures;
    std::optional<CellErrors> errors;
};

/// With the columns of the files, which docs/query_table.md lists.
Table query_rows_table(const std::vector<QueryRow>& rows);

/// A table in a SQLite database, filled little by little: what was added survives a killed process.
class QueryStore {
public:
    /// Makes the database where it is absent. `settings`: what decides the rows, one object of names and plain values. Throws
    /// InputError where the database holds something else, or a table with other settings.
    QueryStore(const std::string& path, const Json& settings);

    /// In the order of their numbers.
    std::vector<QueryRow> rows();
    /// All of them or, when that fails, none.
    void add(const std::vector<QueryRow>& rows);

private:
    void check_settings(const Json& settings);

    std::string path_;
    sqlite::Database database_;
};

/// A table to ask for architectures, in memory.
class QueryTable {
public:
    /// Reads a CSV file or a SQLite database that `xloop search table` wrote. Throws InputError, with the place, where a row is
    /// not as it should be: an architecture that is none, is not that of its number, or comes twice; figures that are no
    /// numbers, or whose product is not the EDAP beside them.
    explicit QueryTable(const std::string& path);

    /// In the order of their numbers.
    const std::vector<QueryRow>& rows() const { return rows_; }
    /// By the benchmark's number; nothing where the table does not have it. Throws InputError where there is no such
    /// architecture.
    std::optional<QueryRow> find(int index) const;
    /// By text, or a number as text.
    std::optional<QueryRow> find(const std::string& architecture) const;

private:
    std::vector<QueryRow> rows_;
};

}  // namespace xloop
