#pragma once

#include "systemc_model/sim/tile/tile_parts.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace xloop::sim {

/// The home of one copy of a layer: entries of the accumulate unit, in which the sums of positions come together; then the
/// vector unit, the write into the buffer, and the sending to all who read the layer. Positions are sent in order.
class OutputStage {
public:
    /// `task`: index in the plan of the home's own task.
    OutputStage(TileParts& tile, int task);

    /// Own numbers below retired() + entries() may be worked on.
    std::uint64_t retired() const { return retired_; }
    bool has_entry(std::uint64_t own) const { return own < retired_ + entries_.size(); }

    /// Sums of one tile for the channels that it covers (`values`: all channels; null without values).
    void contribute(std::uint64_t own, const std::int32_t* values);
    /// A finished position of a layer without a matrix goes to the vector unit.
    void operate(std::uint64_t own, std::int64_t operations, std::vector<std::int32_t> values);
    void on_accumulated(std::uint64_t own);
    void on_finished(std::uint64_t own);
    void on_written(std::uint64_t own) { entry(own).step = Step::written; }
    void on_read_out(std::uint64_t own);
    /// Sends what can be sent. Returns whether anything moved.
    bool advance();

    /// Reader `reader` of stream `stream` has released positions before `position`.
    void on_credit(int stream, int reader, std::uint64_t position);

    /// Positions in the vector unit or on their way to and from it.
    int in_vector_unit() const { return in_vector_unit_; }
    bool idle() const { return retired_ == begun_; }
    /// Why the next position is not sent: index of the full stream; -1: it is not finished; -2: no place in the interface.
    int full_stream() const;
    std::uint64_t next_position() const { return committed_; }
    std::string state() const;
    /// Contributions that have arrived for the oldest entry.
    int contributions(std::uint64_t own) const;
    int contributors() const { return contributors_; }
    /// Entries that positions have taken.
    std::uint64_t under_way() const { return begun_ - retired_; }
    std::uint64_t high_water() const { return high_water_; }

private:
    enum class Step : std::uint8_t { empty, gathering, finishing, written };
    struct Entry {
        Step step = Step::empty;
        int contributions = 0;
        std::vector<std::int32_t> values;
    };
    struct Reader {
        int stream;
        std::uint64_t capacity;
        std::vector<std::uint64_t> released;  ///< by the stream's tasks
        std::uint64_t room_before() const;
    };

    Entry& entry(std::uint64_t own) { return entries_[own % entries_.size()]; }
    const Entry& entry(std::uint64_t own) const { return entries_[own % entries_.size()]; }
    Entry& begin(std::uint64_t own);
    void take_vector_unit(std::uint64_t own, std::int64_t operations);
    void finish_values(Entry& done) const;
    /// A finished position as it is stored and sent; scratch of the probe.
    const TileProbe::Bytes& bytes_of(const Entry& done) const;
    void append_values(TileProbe::Bytes& bytes, const Entry& done) const;
    Purpose purpose(std::uint64_t own) const {
        return {layer_, static_cast<std::int64_t>(own_.image(own)), own_.position(own)};
    }
    void commit();
    void retire();

    TileParts& tile_;
    int task_, layer_, copy_;
    const GraphLayer& shape_;
    OwnPositions own_;
    std::int64_t output_bytes_;
    int contributors_;
    std::vector<Entry> entries_;
    std::vector<Reader> remote_;           ///< streams in other tiles
    std::vector<int> local_;               ///< streams in this tile
    std::vector<int> destinations_;        ///< nodes that read the layer, this tile left out
    std::vector<int> contributing_tiles_;  ///< that want credits for entries
    std::uint64_t begun_ = 0, committed_ = 0, retired_ = 0, last_read_out_ = 0, high_water_ = 0;
    int in_vector_unit_ = 0;
};

}  // namespace xloop::sim
