#include "systemc_model/sim/tile/task.hpp"

#include "core/error.hpp"
#include "core/workload/digital.hpp"
#include "systemc_model/crossbar/drive.hpp"
#include "systemc_model/sim/probes/array_waves.hpp"
#include "systemc_model/sim/probes/bytes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <numeric>

namespace xloop::sim {
namespace {

/// The arrays of one tile that hold a copy of a layer's matrix, or a part of it. They work in lockstep: fetch into the
/// input registers, reads with conversions, results in the output registers, gather into the accumulate unit. The programmed
/// arrays say what, this says when.
class MatrixTask : public Task {
public:
    MatrixTask(TileParts& tile, int number)
        : Task(tile, number), kind_(tile.run.network.kinds.of_layer(plan_.layer)),
          hardware_(tile.run.network.kinds[kind_]), durations_(tile.run.network.of_kind(kind_)),
          read_(durations_.read(plan_.work.outputs)), sweep_(durations_.sweep(plan_.work.outputs)),
          reads_(durations_.reads(plan_.work.rows)), ring_(ring_size(hardware_)), drive_(hardware_),
          driven_(copy().blocks.size()),
          given_(tile.run.computes() ? nullptr : tile.run.network.made(plan_.layer, plan_.copy)),
          skips_(given_ || (tile.run.computes() && hardware_.skips_zero_reads())), made_(copy().blocks.size()) {
        for (int b : plan_.work.blocks) {
            made_[static_cast<std::size_t>(b)].assign(static_cast<std::size_t>(hardware_.read_groups(block(b).rows)),
                                                      0);
            for_each_event(block(b), all_reads(block(b)), 1,
                           [this](Event event, std::int64_t n) { per_vector_[event] += n; });
        }
        find_fetches();
        if (tile.probe)
            waves_ = tile.probe->waves(number);
    }

    bool advance() override {
        bool moved = false;
        while (try_fetch() || try_start() || try_gather() || try_send())
            moved = true;
        return (stage_ && stage_->advance()) || moved;
    }

    void on(const Action& action) override {
        switch (action.kind) {
        case Action::Kind::bus_asked: return on_bus_asked(action.number);
        case Action::Kind::fetched: return on_fetched(action.number);
        case Action::Kind::register_free: ++left_registers_; return;
        case Action::Kind::rows_free: return;
        case Action::Kind::result: ++results_; return;
        default: return on_gathered(action.number);
        }
    }

    void on_entry_credit(std::uint64_t retired) override { home_retired_ = std::max(home_retired_, retired); }

    void report(SimulationResult::Layer& layer) const override;
    void check_conservation() const override {
        const std::uint64_t sent = stage_ ? stage_->retired() : sent_;
        if (fetched_ != total() || started_ != total() || results_ != total() || gathered_ != total() ||
            sent != total())
            throw Error(fmt::format("{}: of {} positions {} were fetched, {} read, {} converted, {} gathered, {} sent",
                                    place(), total(), fetched_, started_, results_, gathered_, sent));
    }

    Wait waits_for() const override {
        if (const Wait wait = wait_for_output(); !wait.reason.empty())
            return wait;
        if (stage_ && stage_->retired() < next_fetch_ &&
            stage_->contributions(stage_->retired()) < stage_->contributors())
            return wait_for_contributions();
        if (!plan_.home && gathered_ > sent_ && !home_has_entry(sent_))
            return {fmt::format("the sums of position {} wait for an entry at the home", sent_), home_task()};
        return next_fetch_ < total() ? wait_for_input(next_fetch_) : Wait{};
    }

private:
    /// Events that depend on data.
    struct Driven {
        std::uint64_t pulses = 0, conductance_ns = 0;
    };
    /// Reads that an array makes of each group of its rows.
    using GroupReads = std::vector<std::uint64_t>;
    struct Vector {
        std::uint64_t buffer_done = 0;   ///< cycle at which the buffer has given its window
        std::size_t fetch = 0;           ///< what its fetch brings, of fetches_
        std::vector<std::int32_t> sums;  ///< of all output channels
        Driven driven;                   ///< by all arrays
        std::vector<GroupReads> made;    ///< by block of the task; unless all reads are made
        std::uint64_t steps = 0;         ///< reads one after the other
        ArrayWaves::Inputs inputs;       ///< of all row slices, and what each block drove; when traced
        ArrayWaves::Inputs sent;         ///< of these, what goes over the bus
        std::vector<Driven> driven_by;
        ArrayWaves::Codes codes;
    };

    /// What a fetch brings.
    struct Fetch {
        SharedTaps kept;
        FetchBytes bytes;
        std::vector<std::int64_t> kept_bytes;  ///< of the registers of each of the task's blocks
        std::int64_t all_kept = 0;
        std::uint64_t started = 0;  ///< vectors
    };

    void find_fetches() {
        const int copies = tile_.run.placed(layer()).copy_count();
        const WindowFetches fetches(shape_, windows_, copies, hardware_.tile.window_reuse);
        for (const WindowFetches::Kind& kind : fetches.kinds) {
            Fetch fetch{kind.kept, fetch_bytes(shape_, plan_.work, kind, hardware_), {}, 0, 0};
            for (int b : plan_.work.blocks) {
                fetch.kept_bytes.push_back(std::int64_t{hardware_.activation_bytes()} *
                                           kept_rows(shape_, plan_.work, block(b), kind.kept));
                fetch.all_kept += fetch.kept_bytes.back();
            }
            fetches_.push_back(std::move(fetch));
        }
        for (auto p = static_cast<std::size_t>(plan_.copy); p < fetches.of_position.size();
             p += static_cast<std::size_t>(copies))
            fetch_of_.push_back(fetches.of_position[p]);
    }
    Fetch& fetch(std::uint64_t own) { return fetches_[vector(own).fetch]; }

    static std::size_t ring_size(const HardwareConfig& hw) {
        return static_cast<std::size_t>(hw.pe.input_vectors + hw.pe.output_vectors + hw.tile.accumulator_positions + 2);
    }
    Vector& vector(std::uint64_t own) { return ring_[own % ring_.size()]; }
    const LayerCopy& copy() const { return tile_.run.placed(layer()).copies[static_cast<std::size_t>(plan_.copy)]; }
    const PlacedBlock& block(int index) const { return copy().blocks[static_cast<std::size_t>(index)]; }
    /// Of one vector.
    GroupReads all_reads(const PlacedBlock& placed) const {
        return GroupReads(static_cast<std::size_t>(hardware_.read_groups(placed.rows)),
                          static_cast<std::uint64_t>(hardware_.digits()));
    }
    /// What an array counts for some vectors and the reads it makes for them. The estimate counts the same events by itself (ArrayCount): neither knows the
    /// other's code, so that their equality says something.
    template <class Count>
    void for_each_event(const PlacedBlock& placed, const GroupReads& made, std::int64_t vectors,
                        const Count& count) const {
        const HardwareConfig& hw = hardware_;
        if (hw.is_digital())
            for_each_step(placed, vectors, count);
        else
            for_each_read(placed, made, vectors, count);
        count(Event::input_register_byte, vectors * placed.rows * hw.activation_bytes());
        count(Event::output_register_byte, vectors * placed.outs * accumulator_bytes);
    }
    template <class Count>
    void for_each_step(const PlacedBlock& placed, std::int64_t vectors, const Count& count) const {
        const DigitalConfig& unit = hardware_.digital;
        std::int64_t macs = 0, bytes = 0;
        for (int first = 0; first < placed.outs; first += unit.cols) {
            macs += std::int64_t{placed.rows} * std::min(unit.cols, placed.outs - first);
            bytes += unit.set_bytes();
        }
        count(Event::mac, vectors * macs);
        count(Event::weight_read_byte, vectors * bytes);
    }
    template <class Count>
    void for_each_read(const PlacedBlock& placed, const GroupReads& made, std::int64_t vectors,
                       const Count& count) const {
        const HardwareConfig& hw = hardware_;
        std::int64_t reads = 0, read_rows = 0, driven = 0;
        int begin = 0;
        for (const std::uint64_t of_group : made) {
            const auto n = static_cast<std::int64_t>(of_group);
            reads += n;
            read_rows += n * std::min(hw.crossbar.rows_at_once(), hw.crossbar.rows - begin);
            driven += n * std::min(hw.crossbar.rows_at_once(), placed.rows - begin);
            begin += hw.crossbar.rows_at_once();
        }
        const std::int64_t conversions = reads * hw.conversions(placed.outs);
        count(Event::cell_read, read_rows * hw.crossbar.cols);
        count(Event::row_drive, driven);
        count(Event::column_sample, hw.crossbar.sample_hold ? reads * hw.sampled_columns(placed.outs) : 0);
        count(Event::column_select, conversions);
        count(Event::conversion, conversions);
        count(Event::shift_add, conversions);
        count(Event::gain_correction, hw.adc.gain_correction == GainCorrectionKind::none ? 0 : vectors * placed.outs);
    }
    int entries() const { return hardware_.tile.accumulator_positions; }
    bool home_has_entry(std::uint64_t own) const { return own < home_retired_ + static_cast<std::uint64_t>(entries()); }

    bool try_fetch() {
        const auto places = static_cast<std::uint64_t>(hardware_.pe.input_vectors);
        if (next_fetch_ == total() || next_fetch_ - left_registers_ >= places || !inputs_here(next_fetch_))
            return false;
        const std::uint64_t own = next_fetch_++;
        tile_.run.include(layer(), own_.image(own), tile_.now());
        tile_.run.count(tile_.controller_counters, {layer()}, Event::control_step, 1);
        std::uint64_t first_word = 0;
        vector(own).fetch = static_cast<std::size_t>(fetch_of_[own % own_.per_image()]);
        const std::int64_t bytes = fetch(own).bytes.buffer;
        vector(own).buffer_done = tile_.read_buffer(layer(), bytes, &first_word);
        if (waves_)
            trace_fetch(own, bytes);
        tile_.post({first_word, Action::Kind::bus_asked, number_, own});
        return true;
    }

    void on_bus_asked(std::uint64_t own) {
        // Windows reach the registers in order, also from a buffer of several ports.
        const std::int64_t bytes = fetch(own).bytes.bus;
        const std::uint64_t sent = tile_.take_bus(layer(), bytes);
        if (waves_)
            tile_.probe->use_bus(tile_.bus_access(sent, bytes), &vector(own).sent, "window", purpose(own));
        fetch_done_ = std::max({fetch_done_, vector(own).buffer_done, sent});
        tile_.post({fetch_done_, Action::Kind::fetched, number_, own});
    }

    void on_fetched(std::uint64_t own) {
        if (waves_)
            waves_->load(tile_.now(), vector(own).inputs);
        gather_inputs(own);
        if (tile_.run.computes())
            compute(own);
        release_inputs(own);
        ++fetched_;
    }

    void compute(std::uint64_t own);
    /// The windows of the rows' groups, what the arrays hold of them, one after the other, into window_.
    void gather_groups(const GroupRows& rows, int position) {
        const auto size = static_cast<std::size_t>(shape_.held_rows());
        window_.resize(static_cast<std::size_t>(rows.groups) * size);
        if (shape_.held)
            whole_window_.resize(static_cast<std::size_t>(shape_.rows()));
        for (int g = 0; g < rows.groups; ++g) {
            std::uint8_t* const values = window_.data() + static_cast<std::size_t>(g) * size;
            gather_window(shape_, maps().front(), position, rows.group + g,
                          shape_.held ? whole_window_.data() : values);
            if (shape_.held)
                shape_.held->take(whole_window_.data(), values);
        }
    }
    void find_reads(std::uint64_t own, const TileWork::RowSlice& slice, const std::uint8_t* inputs);
    /// Of a block of the copy, among those of the task, which rise.
    std::size_t place_of_block(int b) const {
        const std::vector<int>& blocks = plan_.work.blocks;
        return static_cast<std::size_t>(std::lower_bound(blocks.begin(), blocks.end(), b) - blocks.begin());
    }

    bool try_start() {
        const auto limit = static_cast<std::uint64_t>(1 + hardware_.pe.output_vectors);
        const std::uint64_t now = tile_.now();
        if (started_ == fetched_ || rows_free_ > now || started_ - gathered_ >= limit)
            return false;
        const std::uint64_t own = started_++;
        ++fetch(own).started;
        const Durations& d = durations_;
        const auto cycles = [](int count) { return static_cast<std::uint64_t>(count); };
        const bool overlaps = hardware_.crossbar.sample_hold;
        const std::uint64_t first_held = std::max(now + cycles(read_), overlaps ? adc_free_ : 0);
        const std::uint64_t interval = cycles(overlaps ? std::max(read_, sweep_) : read_ + sweep_);
        if (given_)
            share_reads(own);
        const std::uint64_t steps = skips_ ? std::max<std::uint64_t>(vector(own).steps, 1) : cycles(reads_);
        steps_made_ += steps;
        const std::uint64_t last_held = first_held + (steps - 1) * interval;
        adc_free_ = last_held + cycles(sweep_);
        rows_free_ = overlaps ? last_held : adc_free_;
        tile_.post({last_held, Action::Kind::register_free, number_, own});
        if (!overlaps)
            tile_.post({rows_free_, Action::Kind::rows_free, number_, own});
        const std::uint64_t result = adc_free_ + cycles(d.sums_latency());
        tile_.post({result, Action::Kind::result, number_, own});
        charge(own, now, adc_free_);
        if (waves_)
            trace_reads(own, {now, first_held, interval, result, own, own_.image(own),
                              static_cast<std::uint64_t>(own_.position(own)), steps});
        return true;
    }

    void convert(const std::vector<ProgrammedArray::Target>& targets, const std::uint8_t* inputs,
                 const ReadAddress& address, ArrayWaves::Codes& codes);
    void trace_fetch(std::uint64_t own, std::int64_t bytes);
    void trace_reads(std::uint64_t own, const ArrayWaves::Reads& reads);

    /// Without values: the vector's share of the reads that were recorded or are expected.
    void share_reads(std::uint64_t own) {
        const std::uint64_t all = own_.per_image() * static_cast<std::uint64_t>(tile_.run.network.reads->images);
        const auto share = [&](std::uint64_t count) { return held_by(count, own + 1, all) - held_by(count, own, all); };
        std::vector<GroupReads>& made = vector(own).made;
        made.clear();
        for (int b : plan_.work.blocks) {
            GroupReads& groups = made.emplace_back(given_->blocks[static_cast<std::size_t>(b)]);
            std::transform(groups.begin(), groups.end(), groups.begin(), share);
        }
        vector(own).steps = share(given_->steps.at(tile_.tile));
    }

    /// The reads and conversions of a vector, by all arrays.
    void charge(std::uint64_t own, std::uint64_t begin, std::uint64_t end) {
        const Account data{layer(), static_cast<std::int64_t>(own_.image(own))};
        if (skips_) {  // what the sizes alone decide elsewhere depends on data
            per_vector_.clear();
            for (std::size_t i = 0; i < plan_.work.blocks.size(); ++i) {
                const auto b = static_cast<std::size_t>(plan_.work.blocks[i]);
                const GroupReads& made = vector(own).made[i];
                for (std::size_t g = 0; g < made.size(); ++g)
                    made_[b][g] += made[g];
                for_each_event(copy().blocks[b], made, 1,
                               [this](Event event, std::int64_t n) { per_vector_[event] += n; });
            }
        }
        const Account account = skips_ && tile_.run.computes() ? data : Account{layer()};
        for (const auto& [event, n] : per_vector_)
            tile_.run.charge(kind_, account, event, event == Event::input_register_byte ? n - fetch(own).all_kept : n,
                             begin, end);
        if (!tile_.run.computes())
            return;
        const Driven& driven = vector(own).driven;
        tile_.run.charge(kind_, data, Event::row_pulse, static_cast<std::int64_t>(driven.pulses), begin, end);
        tile_.run.charge(kind_, data, Event::read_conductance, static_cast<std::int64_t>(driven.conductance_ns), begin,
                         end);
    }

    bool try_gather() {
        if (gathering_ == results_)
            return false;
        const bool has_entry =
            stage_ ? stage_->has_entry(gathering_) : gathering_ - sent_ < static_cast<std::uint64_t>(entries());
        if (!has_entry)
            return false;
        const std::uint64_t done = tile_.take_bus(layer(), plan_.work.gather_bytes);
        if (waves_) {
            const Access access = tile_.bus_access(done, plan_.work.gather_bytes);
            tile_.probe->use_bus(access, nullptr, "sums", purpose(gathering_));
            waves_->gather(gathering_, access.begin, done);
        }
        tile_.post({done, Action::Kind::gathered, number_, gathering_++});
        return true;
    }

    void on_gathered(std::uint64_t own) {
        ++gathered_;
        tile_.run.count(tile_.accumulator_counters, {layer()}, Event::accumulate,
                        plan_.work.gather_bytes / accumulator_bytes);
        if (stage_)
            stage_->contribute(own, tile_.run.computes() ? vector(own).sums.data() : nullptr);
    }

    bool try_send() {
        if (stage_ || sent_ == gathered_ || !home_has_entry(sent_) || tile_.places == 0)
            return false;
        --tile_.places;
        Message message;
        message.kind = Message::Kind::partial_sums;
        message.subject = message.layer = layer();
        message.copy = plan_.copy;
        message.position = sent_;
        message.bytes = plan_.work.partial_bytes();
        message.values = vector(sent_).sums;
        if (tile_.run.computes()) {
            const std::vector<std::int32_t> sums = covered_sums(sent_);
            append_words(message.payload, sums.data(), sums.size(), accumulator_bytes);
        }
        message.image = own_.image(sent_);
        tile_.send(std::move(message), {copy().home});
        ++sent_;
        return true;
    }

    /// What is sent to the home: the sums of the output channels that this tile adds to.
    std::vector<std::int32_t> covered_sums(std::uint64_t own) {
        std::vector<std::int32_t> sums;
        for (std::size_t c = 0; c < plan_.work.covers.size(); ++c)
            if (plan_.work.covers[c])
                sums.push_back(vector(own).sums[c]);
        return sums;
    }

    WorkState state() const override {
        if (started_ > results_)
            return WorkState::busy;
        const bool done = stage_ ? stage_->retired() == total() : sent_ == total();
        if (next_fetch_ == 0 || done)
            return WorkState::idle;
        return fetched_ > started_ ? WorkState::blocked : WorkState::waiting;
    }

    const char* stall_cause() const override {
        if (const char* cause = output_cause())
            return cause;
        if (stage_ && stage_->retired() < next_fetch_ &&
            stage_->contributions(stage_->retired()) < stage_->contributors() && gathered_ == next_fetch_)
            return "sums of other tiles missing";
        if (!plan_.home && gathered_ > sent_)
            return home_has_entry(sent_) ? "network interface full" : "accumulator of the home full";
        return next_fetch_ < total() && missing_input(next_fetch_) >= 0 ? "input missing" : "fetch under way";
    }

    int home_task() const {
        for (int t : tile_.run.plan.tasks_of(layer())) {
            const FlowTask& task = tile_.run.plan.tasks[static_cast<std::size_t>(t)];
            if (task.home && task.copy == plan_.copy)
                return t;
        }
        return -1;
    }

    Wait wait_for_contributions() const {
        if (next_fetch_ < total())
            if (const Wait wait = wait_for_input(next_fetch_); gathered_ == next_fetch_ && !wait.reason.empty())
                return wait;
        const std::uint64_t oldest = stage_->retired();
        for (int t : tile_.run.plan.tasks_of(layer())) {
            const FlowTask& task = tile_.run.plan.tasks[static_cast<std::size_t>(t)];
            if (!task.home && task.copy == plan_.copy)
                return {fmt::format("position {} has the sums of {} of {} tiles", oldest, stage_->contributions(oldest),
                                    stage_->contributors()),
                        t};
        }
        return {};
    }

    const int kind_;
    const HardwareConfig& hardware_;  ///< that the layer sees
    const Durations& durations_;
    int read_, sweep_, reads_;  ///< of the largest array
    std::vector<Vector> ring_;
    DriveTable drive_;
    std::vector<Driven> driven_;  ///< by block of the copy
    std::map<Event, std::int64_t>
        per_vector_;  ///< of all arrays, without what always depends on data; windows fetched whole
    std::vector<Fetch> fetches_;
    std::vector<int> fetch_of_;     ///< of the copy's positions of an image
    const MadeReads::Copy* given_;  ///< without values: reads that are made; null: all
    const bool skips_;              ///< not all are made
    std::vector<GroupReads> made_;  ///< by block of the copy, for all vectors; if not all are made
    std::uint64_t steps_made_ = 0;
    std::vector<std::uint8_t> window_, whole_window_;
    std::vector<std::int32_t> sums_;  ///< of the outputs that the arrays hold
    Hook<ArrayWaves> waves_;
    // Own numbers up to which each step has come.
    std::uint64_t next_fetch_ = 0, fetched_ = 0, left_registers_ = 0, started_ = 0, results_ = 0, gathering_ = 0,
                  gathered_ = 0, sent_ = 0, home_retired_ = 0;
    std::uint64_t fetch_done_ = 0, rows_free_ = 0, adc_free_ = 0;
};

void MatrixTask::compute(std::uint64_t own) {
    RunState& run = tile_.run;
    const ReadAddress address{static_cast<std::int64_t>(run.first_image + own_.image(own)), own_.position(own)};
    const int outputs = shape_.groups * shape_.held_outputs();
    sums_.assign(static_cast<std::size_t>(outputs), 0);
    vector(own).driven = {};
    if (skips_)
        vector(own).made.assign(plan_.work.blocks.size(), {});
    vector(own).steps = 0;
    vector(own).codes.clear();
    if (waves_)
        vector(own).driven_by.assign(copy().blocks.size(), {});
    int gathered_group = -1;
    std::vector<ProgrammedArray::Target> targets;
    for (const TileWork::RowSlice& slice : plan_.work.row_slices) {
        if (slice.group != gathered_group)
            gather_groups(slice, address.position);
        gathered_group = slice.group;
        const std::uint8_t* inputs = window_.data() + slice.row_begin;
        if (hardware_.is_digital()) {
            for (int b : slice.blocks)
                run.chip->layer_arrays(layer())->multiply_exactly(b, {inputs, slice.rows, 1, address},
                                                                  sums_.data() + block(b).out_begin, 0);
            continue;
        }
        targets.clear();
        for (int b : slice.blocks)
            targets.push_back({&run.chip->array(layer(), plan_.copy, b), sums_.data() + block(b).out_begin});
        if (waves_ && waves_->wants_codes())
            convert(targets, inputs, address, vector(own).codes);
        else
            ProgrammedArray::multiply_together(targets, {inputs, slice.rows, 1, address}, outputs);
        std::uint64_t pulses = 0;
        for (int r = 0; r < slice.rows; ++r)
            pulses += drive_.pulses[inputs[r]];
        if (skips_)
            find_reads(own, slice, inputs);
        for (int b : slice.blocks) {
            const std::uint64_t conductance =
                run.chip->array(layer(), plan_.copy, b).driven_conductance_ns(inputs, drive_);
            for (Driven* sum : {&driven_[static_cast<std::size_t>(b)], &vector(own).driven}) {
                sum->pulses += pulses;
                sum->conductance_ns += conductance;
            }
            if (waves_)
                vector(own).driven_by[static_cast<std::size_t>(b)] = {pulses, conductance};
        }
        if (!skips_)
            run.sums(layer()).row_reads +=
                static_cast<std::uint64_t>(slice.rows * hardware_.digits()) * slice.blocks.size();
    }
    std::vector<std::int32_t>& sums = vector(own).sums;
    sums.assign(static_cast<std::size_t>(shape_.out.channels), 0);
    for (int out = 0; out < outputs; ++out)
        sums[static_cast<std::size_t>(shape_.held_channel(out))] = sums_[static_cast<std::size_t>(out)];
}

/// Reads of the slice's blocks that are not of zeros alone: digits that some row of the group has.
void MatrixTask::find_reads(std::uint64_t own, const TileWork::RowSlice& slice, const std::uint8_t* inputs) {
    GroupReads made;
    std::uint64_t reads = 0, rows_driven = 0;
    for (int begin = 0; begin < slice.rows; begin += hardware_.crossbar.rows_at_once()) {
        const int end = std::min(begin + hardware_.crossbar.rows_at_once(), slice.rows);
        std::uint8_t any = 0;
        for (int r = begin; r < end; ++r)
            any = static_cast<std::uint8_t>(any | inputs[r]);
        made.push_back(drive_.pulses[any]);
        reads += made.back();
        rows_driven += made.back() * static_cast<std::uint64_t>(end - begin);
    }
    vector(own).steps = std::max(vector(own).steps, reads);
    for (int b : slice.blocks)
        vector(own).made[place_of_block(b)] = made;
    tile_.run.sums(layer()).row_reads += rows_driven * slice.blocks.size();
}

/// The same as multiply_together, with the codes. Blocks of row slices follow one another as in the task.
void MatrixTask::convert(const std::vector<ProgrammedArray::Target>& targets, const std::uint8_t* inputs,
                         const ReadAddress& address, ArrayWaves::Codes& codes) {
    for (const ProgrammedArray::Target& target : targets) {
        const std::size_t at = codes.size();
        codes.resize(at + static_cast<std::size_t>(target.array->reads() * target.array->conversions()));
        target.array->convert_and_multiply(inputs, address, codes.data() + at, target.sums);
    }
}

/// What is read from the buffer: the rows of the tile's slices that are new, without padding; what goes over the bus: with it.
void MatrixTask::trace_fetch(std::uint64_t own, std::int64_t bytes) {
    TileProbe::Bytes& data = tile_.probe->scratch();
    ArrayWaves::Inputs &inputs = vector(own).inputs, &sent = vector(own).sent;
    data.clear();
    inputs.clear();
    sent.clear();
    if (tile_.run.computes()) {
        gather_inputs(own);
        const KernelPart& inside = windows_.part(own_.position(own));
        const int channels = shape_.in.channels / shape_.groups;
        for (const TileWork::RowSlice& slice : plan_.work.row_slices) {
            gather_groups(slice, own_.position(own));
            for (int row = slice.row_begin; row < slice.row_begin + slice.rows; ++row) {
                const int rows = shape_.held_rows(), tap = shape_.matrix_row(row % rows) / channels;
                const int y = tap / shape_.window.x.kernel, x = tap % shape_.window.x.kernel;
                const std::uint8_t value = window_[static_cast<std::size_t>(row)];
                inputs.push_back(value);
                const GroupRows one{slice.group + row / rows, 1, row % rows, 1};
                if (kept_rows(shape_, plan_.work, one, fetch(own).kept) > 0)
                    continue;
                sent.push_back(value);
                if (y >= inside.y_begin && y < inside.y_end && x >= inside.x_begin && x < inside.x_end)
                    data.push_back(value);
            }
        }
    }
    tile_.probe->read_buffer(tile_.buffer_access(vector(own).buffer_done, bytes), window_address(own), data,
                             purpose(own));
}

void MatrixTask::trace_reads(std::uint64_t own, const ArrayWaves::Reads& reads) {
    waves_->read(reads, vector(own).inputs, vector(own).codes);
    tile_.probe->array_reads(number_, reads.begin, rows_free_, purpose(own));
    if (!tile_.run.probe->bus().wants_counts())
        return;
    for (std::size_t i = 0; i < plan_.work.blocks.size(); ++i) {
        const auto b = static_cast<std::size_t>(plan_.work.blocks[i]);
        const auto count = [&](Event event, std::int64_t n) {
            if (n > 0)
                waves_->count(i, event, static_cast<std::uint64_t>(n), reads.begin, adc_free_);
        };
        for_each_event(copy().blocks[b], skips_ ? vector(own).made[i] : all_reads(copy().blocks[b]), 1,
                       [&](Event event, std::int64_t n) {
                           count(event, event == Event::input_register_byte ? n - fetch(own).kept_bytes[i] : n);
                       });
        if (!tile_.run.computes())
            continue;
        count(Event::row_pulse, static_cast<std::int64_t>(vector(own).driven_by[b].pulses));
        count(Event::read_conductance, static_cast<std::int64_t>(vector(own).driven_by[b].conductance_ns));
    }
}

// All arrays do the same number of vectors, so their counters follow from it and from the reads that they have made; `charge`
// has told the other books.
void MatrixTask::report(SimulationResult::Layer& sums) const {
    const Durations& d = durations_;
    for (std::size_t i = 0; i < plan_.work.blocks.size(); ++i) {
        const int b = plan_.work.blocks[i];
        const PlacedBlock& placed = block(b);
        std::uint64_t kept = 0;
        for (const Fetch& fetch : fetches_)
            kept += fetch.started * static_cast<std::uint64_t>(fetch.kept_bytes[i]);
        GroupReads made = made_[static_cast<std::size_t>(b)];
        if (!skips_)
            for (std::uint64_t& of_group : made)
                of_group = started_ * static_cast<std::uint64_t>(hardware_.digits());
        const InstancePaths& paths = tile_.run.paths;
        Counters& array = tile_.run.instance(kind_, paths.array(placed));
        for_each_event(placed, made, static_cast<std::int64_t>(started_), [&](Event event, std::int64_t n) {
            const Component component = component_of(event);
            const bool registers = place_of(component) == Place::processing_element;
            Counters& instance =
                registers ? tile_.run.instance(kind_, paths.pe_part(placed.tile, placed.pe, component)) : array;
            instance[event] += static_cast<std::uint64_t>(n) - (event == Event::input_register_byte ? kept : 0);
        });
        const Driven& driven = driven_[static_cast<std::size_t>(b)];
        array[Event::row_pulse] += driven.pulses;
        array[Event::read_conductance] += driven.conductance_ns;
        const std::uint64_t reads = std::accumulate(made.begin(), made.end(), std::uint64_t{0});
        array.busy_cycles += reads * static_cast<std::uint64_t>(d.read(placed.outs));
        sums.read_cycles += reads * static_cast<std::uint64_t>(d.read(placed.outs));
        sums.adc_cycles += reads * static_cast<std::uint64_t>(d.sweep(placed.outs));
    }
    if (!skips_ || !tile_.run.computes())
        return;
    sums.made.resize(tile_.run.placed(layer()).copies.size());
    MadeReads::Copy& of_copy = sums.made[static_cast<std::size_t>(plan_.copy)];
    of_copy.blocks.resize(copy().blocks.size());
    for (int b : plan_.work.blocks)
        of_copy.blocks[static_cast<std::size_t>(b)] = made_[static_cast<std::size_t>(b)];
    of_copy.steps[tile_.tile] = steps_made_;
}

}  // namespace

std::unique_ptr<Task> make_matrix_task(TileParts& tile, int number) {
    return std::make_unique<MatrixTask>(tile, number);
}

}  // namespace xloop::sim
