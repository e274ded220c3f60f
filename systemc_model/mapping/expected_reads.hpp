#pragma once

#include "core/made_reads.hpp"
#include "systemc_model/mapping/mapping.hpp"

#include <memory>
#include <vector>

namespace xloop {

/// Whether some layer leaves out reads of zeros alone (crossbar.skip_zero_reads).
bool skips_reads(const MappedNetwork& network);

/// The reads that layers which leave out those of zeros alone are expected to make when each row line is driven above 0 V in a
/// share p of the reads, whatever the others do: a read of n rows with probability 1 - (1 - p)^n. `active_rows_of_layer`: p by
/// layer; below 0 or missing: `active_rows`. A tile's steps are those of the array that is expected to make most, which the mean
/// of the largest of each vector is not below.
MadeReads expected_reads(const MappedNetwork& network, int images, double active_rows,
                         const std::vector<double>& active_rows_of_layer = {});

/// Whether a layer of both networks that leaves out reads of zeros alone reads as many digits and rows at once in both.
bool reads_alike(const MappedNetwork& a, const MappedNetwork& b);
/// The reads that `network` makes when they are left out as often as in `counted`, the same graph on other hardware, whose `reads`
/// are known: those, where all arrays are the same; else each layer's share of all its reads, and of the steps of its tiles.
std::shared_ptr<const MadeReads> reads_as_in(const MappedNetwork& counted, const MappedNetwork& network);

/// By layer: rows that would be driven if all reads were made, over those that are driven; 1 where all are.
std::vector<double> drives_left_out(const MappedNetwork& network);

}  // namespace xloop
