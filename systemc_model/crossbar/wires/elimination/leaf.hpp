#pragma once

#include "systemc_model/crossbar/wires/elimination/plan.hpp"
#include "systemc_model/crossbar/wires/elimination/product.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// leaf_size x leaf_size cells, one leaf in each lane, put in row by row from the bottom. Of the symmetric map the
/// upper triangle is kept; tops and bottoms of the columns come first, then the ends of each row, so that the rows so
/// far are a leading square.
///
/// A cell between ports r (end of its row so far) and t (top of its column so far) has, while open, the voltage v u
/// with v = row t - row r of the map and u the inputs, and sees the resistance v[r] - v[t]. Its current h v u with h =
/// g / (1 + g (v[r] - v[t])) adds h v' v to the map, and hence h (v[t2] - v[r]) v to the v of the next cell.
template <class T>
class Leaf {
public:
    static constexpr int lanes = vector_size<T>, ports = leaf_ports,
                         size = (ports * (ports + 2 * leaf_size) + leaf_cells * ports) * lanes;

    explicit Leaf(T* workspace)
        : map_(workspace), voltage_(map_ + ports * ports * lanes), current_(voltage_ + leaf_size * ports * lanes),
          field_(current_ + leaf_size * ports * lanes) {}

    /// Bare wires with the driver and sense resistances.
    void begin(Vector<T> driver, Vector<T> sense) {
        for (int p = 0; p < ports; ++p)
            for (int q = p; q < ports; ++q)
                store(map(p, q), V{});
        for (int k = 0; k < leaf_size; ++k) {
            store(map(top_port(k), bottom_port(k)), fill(T{-1}));
            store(map(top_port(k), top_port(k)), -sense);
            store(map(left_port(k), right_port(k)), fill(T{-1}));
            store(map(right_port(k), right_port(k)), -driver);
        }
        driver_ = driver;
    }

    /// The first half of putting in row i: gains h, and how much of each cell's v the later ones take over. A long
    /// chain of operations: do it for several leaves before the second half.
    void find_gains(const T* g, T wire_row) {
        V at_end[leaf_size], at_top[leaf_size][leaf_size];
#pragma GCC unroll 4
        for (int k = 0; k < leaf_size; ++k) {
            at_end[k] = driver_ + fill(static_cast<T>(k) * wire_row);
#pragma GCC unroll 4
            for (int t = 0; t < leaf_size; ++t)
                at_top[k][t] = load(k < t ? map(top_port(k), top_port(t)) : map(top_port(t), top_port(k)));
#pragma GCC unroll 4
            for (int m = 0; m < k; ++m) {
                share_[k][m] = gain_[m] * (at_top[m][k] - at_end[m]);
                at_end[k] = fma(share_[k][m], at_end[m], at_end[k]);
#pragma GCC unroll 4
                for (int t = 0; t < leaf_size; ++t)
                    at_top[k][t] = fma(share_[k][m], at_top[m][t], at_top[k][t]);
            }
            const V conductance = load(g + k * lanes);
            gain_[k] = conductance / fma(conductance, at_end[k] - at_top[k][k], fill(T{1}));
        }
        for (int k = 0; k < leaf_size; ++k)
            at_end_[k] = at_end[k];
    }

    /// The second half: adds what the cells do, then the wires to the next row and to the next leaf. `fields`: follow
    /// the voltages of all cells, too.
    void add_row(int i, T wire_row, T wire_col, bool fields) {
        const int count = (right_port(i) + leaf_size) / leaf_size * leaf_size;
        for (int p = 0; p < count; ++p) {
            V v[leaf_size];
#pragma GCC unroll 4
            for (int k = 0; k < leaf_size; ++k) {
                v[k] = load(p < k ? map(p, top_port(k)) : map(top_port(k), p));
                if (p == left_port(i))
                    v[k] = fill(T{1});
#pragma GCC unroll 4
                for (int m = 0; m < k; ++m)
                    v[k] = fma(share_[k][m], v[m], v[k]);
                if (p == right_port(i))
                    v[k] = at_end_[k];
                store(voltage(k, p), v[k]);
                store(current_ + (k * ports + p) * lanes, gain_[k] * v[k]);
            }
        }
        if (fields)
            add_row_to_fields(i, count);
        const auto matrix = [](T* data) { return View<T>{data, ports * lanes, lanes}; };
        Lanes<T>::template product<Sign::plus, Part::upper>(count, count, leaf_size, matrix(current_).transposed(),
                                                            matrix(voltage_), matrix(map_), matrix(map_));
        subtract(map(right_port(i), right_port(i)), static_cast<T>(leaf_size) * wire_row);
        for (int k = 0; k < leaf_size; ++k)
            subtract(map(top_port(k), top_port(k)), wire_col);
    }

    /// The map, to `layout`, both triangles of every side.
    void write(const Layout& layout, T* to) const {
        const PortsOf port(layout);
        for (int p = 0; p < ports; ++p)
            for (int q = p / leaf_size * leaf_size; q < ports; ++q)
                store(to + (p * ports + q) * lanes,
                      load(port.at[p] < port.at[q] ? map(port.at[p], port.at[q]) : map(port.at[q], port.at[p])));
    }

    /// Voltages of the cells, row by row, by inputs in the order of `layout`.
    void write_fields(const Layout& layout, T* to) const {
        const PortsOf port(layout);
        for (int cell = 0; cell < leaf_cells; ++cell)
            for (int p = 0; p < ports; ++p)
                store(to + (cell * ports + p) * lanes, load(field(cell, port.at[p])));
    }

private:
    using V = Vector<T>;

    struct PortsOf {
        int at[ports];

        explicit PortsOf(const Layout& layout) {
            for (int k = 0; k < leaf_size; ++k) {
                at[layout.begin[left] + k] = left_port(k);
                at[layout.begin[right] + k] = right_port(k);
                at[layout.begin[bottom] + k] = bottom_port(k);
                at[layout.begin[top] + k] = top_port(k);
            }
        }
    };

    static constexpr int top_port(int j) { return j; }
    static constexpr int bottom_port(int j) { return leaf_size + j; }
    static constexpr int left_port(int i) { return 2 * leaf_size + 2 * i; }
    static constexpr int right_port(int i) { return left_port(i) + 1; }

    /// A cell that is put in changes each voltage f u of another by the current h (f[t] - f[r]) v u, and its own,
    /// which is v u before, in the same way.
    void add_row_to_fields(int i, int count) {
        const int r = right_port(i);
        for (int cell = 0; cell < (i + 1) * leaf_size; ++cell) {
            const int own = cell - i * leaf_size, first = own < 0 ? 0 : own;
            const T* const before = own < 0 ? field(cell, 0) : voltage(own, 0);
            V change[leaf_size];
            for (int k = first; k < leaf_size; ++k) {
                V difference = load(before + top_port(k) * lanes) - load(before + r * lanes);
                for (int m = first; m < k; ++m)
                    difference = fma(change[m], load(voltage(m, top_port(k))) - load(voltage(m, r)), difference);
                change[k] = gain_[k] * difference;
            }
            for (int p = 0; p < ports; ++p) {
                V f = p < count ? load(before + p * lanes) : V{};
                for (int k = first; k < leaf_size && p < count; ++k)
                    f = fma(change[k], load(voltage(k, p)), f);
                store(field(cell, p), f);
            }
        }
    }

    T* voltage(int k, int p) const { return voltage_ + (k * ports + p) * lanes; }
    T* field(int cell, int p) const { return field_ + (cell * ports + p) * lanes; }
    T* map(int p, int q) const { return map_ + (p * ports + q) * lanes; }
    static void subtract(T* from, T value) { store(from, load(from) - value); }

    T *map_, *voltage_, *current_, *field_;
    V driver_, gain_[leaf_size], at_end_[leaf_size], share_[leaf_size][leaf_size];
};

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
