#pragma once

#include "systemc_model/crossbar/wires/elimination/merge.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// Right-hand sides that a half takes over from the whole.
struct Columns {
    int from, count, to;
};

/// d = c, m x n.
template <class T>
void copy(Dense<T>, int m, int n, View<const T> c, View<T> d) {
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; j += vector_size<T>)
            store(d.at(i, j), load(c.at(i, j)));
}

template <class T>
void copy(Lanes<T>, int m, int n, View<const T> c, View<T> d) {
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j)
            store(d.at(i, j), load(c.at(i, j)));
}

/// d = c', c m x n.
template <class T>
void copy_transposed(Dense<T>, int m, int n, View<const T> c, View<T> d) {
    constexpr int vector = vector_size<T>;
    for (int i = 0; i < m; i += vector)
        for (int j = 0; j < n; j += vector) {
            Vector<T> rows[vector];
            for (int k = 0; k < vector; ++k)
                rows[k] = load(c.at(i + k, j));
            transpose<T>(rows);
            for (int k = 0; k < vector; ++k)
                store(d.at(j + k, i), rows[k]);
        }
}

template <class T>
void copy_transposed(Lanes<T>, int m, int n, View<const T> c, View<T> d) {
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j)
            store(d.at(j, i), load(c.at(i, j)));
}

/// The way back through one merge: the inputs at the border of the whole are, side by side, inputs of the halves, and
/// those at the cut follow from them by the record.
template <class Kernel, class T = typename Kernel::Scalar>
class Descent {
public:
    Descent(const Layout& first, const Layout& second, const Layout& whole, const T* record)
        : cut_(first.size[first.order[0]]), stride_(first.begin[first.order[1]]),
          ports_(first.width + second.width - 2 * stride_) {
        const int first_ports = first.width - stride_;
        for (int i = 1; i < first.sides; ++i)
            add_side(first.order[i], first, whole, 0, 0, record);
        second_begin_ = sides_;
        for (int i = 1; i < second.sides; ++i) {
            const Side side = second.order[i];
            const int before = side == first.order[0] ? 0 : first.size[side];
            add_side(side, second, whole, first_ports, before, record + stride_ * first_ports * element);
        }
    }

    /// Ports x right-hand sides; each half takes over `ranges` of the latter.
    void first_inputs(View<const T> whole, const Columns* ranges, int range_count, View<T> half) const {
        inputs(0, second_begin_, &Part::current, whole, ranges, range_count, half);
    }
    void second_inputs(View<const T> whole, const Columns* ranges, int range_count, View<T> half) const {
        inputs(second_begin_, sides_, &Part::voltage, whole, ranges, range_count, half);
    }

    /// Symmetric forms in the inputs, ports x ports: what they are in the inputs of a half alone. `scratch`: twice
    /// cut x (other ports of both).
    void first_form(View<const T> whole, View<T> half, T* scratch) const {
        form(0, second_begin_, &Part::current, whole, half, scratch);
    }
    void second_form(View<const T> whole, View<T> half, T* scratch) const {
        form(second_begin_, sides_, &Part::voltage, whole, half, scratch);
    }

private:
    static constexpr long element = Kernel::scalars_per_element;

    /// One side of a half: its ports' places, and by them minus the voltages at the cut, which are inputs of the
    /// second, and the currents, which are minus the inputs of the first.
    struct Part {
        int size, in_both, in_whole, in_half;
        View<const T> voltage, current;
    };

    void add_side(Side side, const Layout& half, const Layout& whole, int half_begin, int others_before,
                  const T* record) {
        const int place = half.begin[side] - stride_, half_ports = half.width - stride_;
        const View<const T> voltage{record + place * element, half_ports * element, element};
        const View<const T> current{voltage.data + stride_ * ports_ * element, half_ports * element, element};
        parts_[sides_++] = {
            half.size[side], half_begin + place, whole.begin[side] + others_before, half.begin[side], voltage, current};
    }

    void inputs(int begin, int end, View<const T> Part::*of_cut, View<const T> whole, const Columns* ranges,
                int range_count, View<T> half) const {
        for (int r = 0; r < range_count; ++r) {
            const Columns& range = ranges[r];
            for (int i = begin; i < end; ++i)
                copy(Kernel{}, parts_[i].size, range.count, whole.block(parts_[i].in_whole, range.from),
                     half.block(parts_[i].in_half, range.to));
            const View<T> at_cut = half.block(0, range.to);
            View<const T> sum{nullptr, 0, 0};
            for (int i = 0; i < sides_; ++i, sum = at_cut)
                Kernel::template product<Sign::minus>(cut_, range.count, parts_[i].size, parts_[i].*of_cut,
                                                      whole.block(parts_[i].in_whole, range.from), sum, at_cut);
        }
    }

    void form(int begin, int end, View<const T> Part::*of_cut, View<const T> whole, View<T> half, T* scratch) const {
        const View<T> by_whole{scratch, ports_ * element, element};
        const View<T> transposed{by_whole.at(stride_, 0), stride_ * element, element};
        for (int j = 0; j < sides_; ++j) {
            const View<T> column = by_whole.block(0, parts_[j].in_both);
            View<const T> sum{nullptr, 0, 0};
            for (int i = 0; i < sides_; ++i, sum = column)
                Kernel::template product<Sign::minus>(cut_, parts_[j].size, parts_[i].size, parts_[i].*of_cut,
                                                      whole.block(parts_[i].in_whole, parts_[j].in_whole), sum, column);
        }
        for (int j = begin; j < end; ++j) {
            const Part& y = parts_[j];
            for (int i = begin; i < end; ++i)
                copy(Kernel{}, parts_[i].size, y.size, whole.block(parts_[i].in_whole, y.in_whole),
                     half.block(parts_[i].in_half, y.in_half));
            const View<const T> column = by_whole.block(0, y.in_both);
            copy(Kernel{}, cut_, y.size, column, half.block(0, y.in_half));
            copy_transposed(Kernel{}, cut_, y.size, column, half.block(y.in_half, 0));
        }
        View<const T> sum{nullptr, 0, 0};
        for (int i = 0; i < sides_; ++i, sum = half) {
            const View<T> rows = transposed.block(parts_[i].in_both, 0);
            copy_transposed(Kernel{}, cut_, parts_[i].size, parts_[i].*of_cut, rows);
            Kernel::template product<Sign::minus>(cut_, cut_, parts_[i].size, by_whole.block(0, parts_[i].in_both),
                                                  rows, sum, half);
        }
    }

    int cut_, stride_, ports_;
    int sides_ = 0, second_begin_ = 0;
    Part parts_[6];
};

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
