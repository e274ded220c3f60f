#pragma once

#include "systemc_model/crossbar/wires/elimination/inverse.hpp"
#include "systemc_model/crossbar/wires/elimination/plan.hpp"

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

/// The map of a rectangle in memory.
template <class Kernel, class T>
struct MapView {
    const Layout& layout;
    View<T> all;

    MapView(const Layout& l, T* data)
        : layout(l), all{data, static_cast<long>(l.width) * Kernel::scalars_per_element, Kernel::scalars_per_element} {}
    View<T> block(Side x, Side y) const { return all.block(layout.begin[x], layout.begin[y]); }
};

/// Nobody needs what the ports of a side at the array's edge do to each other.
inline bool needed(const Layout& layout, Side x, Side y) { return x != y || !layout.at_array_edge[x]; }

/// `upper`, a symmetric block of which the blocks of small x small below the diagonal are missing, times +1 or -1.
template <class T>
void complete(Dense<T>, Sign sign, int size, View<const T> upper, View<T> full) {
    constexpr int vector = vector_size<T>;
    const Vector<T> factor = fill(sign == Sign::plus ? T{1} : T{-1});
    for (int i = 0; i < size; i += vector)
        for (int j = i / Dense<T>::small * Dense<T>::small; j < size; j += vector) {
            Vector<T> rows[vector];
            for (int k = 0; k < vector; ++k) {
                rows[k] = factor * load(upper.at(i + k, j));
                store(full.at(i + k, j), rows[k]);
            }
            if (i / Dense<T>::small == j / Dense<T>::small)
                continue;
            transpose<T>(rows);
            for (int k = 0; k < vector; ++k)
                store(full.at(j + k, i), rows[k]);
        }
}

template <class T>
void complete(Lanes<T>, Sign sign, int size, View<const T> upper, View<T> full) {
    const Vector<T> factor = fill(sign == Sign::plus ? T{1} : T{-1});
    for (int i = 0; i < size; ++i)
        for (int j = i / Lanes<T>::small * Lanes<T>::small; j < size; ++j) {
            const Vector<T> element = factor * load(upper.at(i, j));
            store(full.at(i, j), element);
            if (i / Lanes<T>::small != j / Lanes<T>::small)
                store(full.at(j, i), element);
        }
}

/// One half of a merge: its map, the rows of the cut against its other ports, and where those go in the whole.
template <class Kernel, class T = typename Kernel::Scalar>
struct Half {
    MapView<Kernel, const T> map;
    int cut, begin, ports;  // ports of the cut; where the others begin, how many
    View<const T> rows;
    int offset[4] = {};  // in the whole, ports of the other half that come first

    explicit Half(const MapView<Kernel, const T>& own)
        : map(own), cut(own.layout.size[own.layout.order[0]]), begin(own.layout.begin[own.layout.order[1]]),
          ports(own.layout.width - begin), rows(own.all.block(0, begin)) {}

    int place(Side side) const { return map.layout.begin[side] - begin; }

    /// The first side that does not need its own block; products with the other sides need an image of those only.
    int place_in_order_without_image() const {
        int i = 1;
        while (i < map.layout.sides && !map.layout.at_array_edge[map.layout.order[i]])
            ++i;
        return i;
    }

    /// image = factor * rows but for the side without one.
    void find_image(View<const T> factor, View<T> image) const {
        const View<const T> none{nullptr, 0, 0};
        const Layout& layout = map.layout;
        const int without = place_in_order_without_image();
        const int head = without < layout.sides ? place(layout.order[without]) : ports;
        const int tail = without + 1 < layout.sides ? place(layout.order[without + 1]) : ports;
        Kernel::template product<Sign::plus>(cut, head, cut, factor, rows, none, image);
        Kernel::template product<Sign::plus>(cut, ports - tail, cut, factor, rows.block(0, tail), none,
                                             image.block(0, tail));
    }

    /// whole = map + or - image' * other, where that is symmetric.
    template <Sign sign>
    void update(View<const T> image, View<const T> other, const MapView<Kernel, T>& whole) const {
        const Layout& layout = map.layout;
        const int without = place_in_order_without_image();
        for (int i = 1; i < layout.sides; ++i)
            for (int j = i; j < layout.sides; ++j) {
                const Side x = layout.order[i], y = layout.order[j];
                if (!needed(layout, x, y))
                    continue;
                const auto a = (i == without ? other : image).block(0, place(x)).transposed();
                const auto b = (i == without ? image : other).block(0, place(y));
                const View<const T> c = map.block(x, y);
                const View<T> d = whole.block(x, y).block(offset[x], offset[y]);
                if (x == y)
                    Kernel::template product<sign, Part::upper>(layout.size[x], layout.size[y], cut, a, b, c, d);
                else
                    Kernel::template product<sign>(layout.size[x], layout.size[y], cut, a, b, c, d);
            }
    }
};

/// The blocks between a side of the first and a side of the second: -P' N' Q or its transpose.
template <class Kernel, class T>
void update_across(const Half<Kernel>& first, const Half<Kernel>& second, View<const T> np,
                   const MapView<Kernel, T>& whole) {
    const View<const T> none{nullptr, 0, 0};
    const Layout &a = first.map.layout, &b = second.map.layout;
    for (int i = 1; i < a.sides; ++i)
        for (int j = 1; j < b.sides; ++j) {
            const Side x = a.order[i], y = b.order[j];
            if (!needed(whole.layout, x, y))
                continue;
            const View<const T> np_x = np.block(0, first.place(x)), q_y = second.rows.block(0, second.place(y));
            if (whole.layout.rank[x] <= whole.layout.rank[y])
                Kernel::template product<Sign::minus>(a.size[x], b.size[y], first.cut, np_x.transposed(), q_y, none,
                                                      whole.block(x, y).block(0, second.offset[y]));
            else
                Kernel::template product<Sign::minus>(b.size[y], a.size[x], first.cut, q_y.transposed(), np_x, none,
                                                      whole.block(y, x).block(second.offset[y], 0));
        }
}

/// Joins two neighbours. With P the first's rows of the cut against its other ports p, R = -(the cut's own block), Q
/// and G (not negated) the same of the second, v the voltages and c the currents at the cut:
///   v = -P p - R c,   c = Q q + G v,   hence with N = (1 + R G)^-1
///   whole = [ first + P' (G N) P    -P' N' Q            ]
///           [      (symmetric)      second - Q' (N R) Q ]
/// The eigenvalues of R G are (resistance seen) x (conductance seen) >= 0, so N is well conditioned.
/// `record`, if not null, receives N P and N R Q, which is -v by p and q, and -G N P and Q - G N R Q, which is c.
template <class Kernel, class T = typename Kernel::Scalar>
void merge(MapView<Kernel, const T> first_map, MapView<Kernel, const T> second_map, MapView<Kernel, T> whole,
           T* scratch, T* record) {
    constexpr long element = Kernel::scalars_per_element;
    constexpr auto plus = Sign::plus, minus = Sign::minus;
    const View<const T> none{nullptr, 0, 0};
    const Half<Kernel> first(first_map);
    Half<Kernel> second(second_map);
    const Layout &a = first_map.layout, &b = second_map.layout;
    for (int i = 1; i < a.sides; ++i)
        second.offset[a.order[i]] = a.size[a.order[i]];
    const int cut = first.cut, stride = first.begin;
    const auto matrix = [stride](T*& place, int width) {
        const View<T> view{place, width * element, element};
        place += stride * width * element;
        return view;
    };
    const View<T> r = matrix(scratch, stride), g = matrix(scratch, stride), loop = matrix(scratch, stride),
                  n = matrix(scratch, stride), gp = matrix(scratch, first.ports);
    T*& kept = record ? record : scratch;
    const View<T> np = matrix(kept, first.ports), nrq = matrix(kept, second.ports);

    complete(Kernel{}, minus, cut, first_map.all, r);
    complete(Kernel{}, plus, cut, second_map.all, g);
    Kernel::template product<plus>(cut, cut, cut, r, g, none, loop);
    for (int i = 0; i < cut; ++i)
        for (long e = 0; e < element; ++e)
            loop.at(i, i)[e] += T{1};
    invert<Kernel>(cut, loop, n, scratch);

    const Side last = a.order[a.sides - 1];
    const bool last_alone = a.at_array_edge[a.order[1]] && b.sides == 2 && !needed(a, last, b.order[1]);
    const int needed_ports = last_alone && !record ? first.place(last) : first.ports;
    Kernel::template product<plus>(cut, needed_ports, cut, n, first.rows, none, np);
    first.find_image(g, gp);
    first.template update<plus>(gp, np, whole);

    if (record || b.sides > 2 || !b.at_array_edge[b.order[1]]) {
        const View<T>& nr = loop;
        Kernel::template product<plus>(cut, cut, cut, n, r, none, nr);
        if (record)
            Kernel::template product<plus>(cut, second.ports, cut, nr, second.rows, none, nrq);
        else
            second.find_image(nr, nrq);
        second.template update<minus>(nrq, second.rows, whole);
    }
    update_across<Kernel, T>(first, second, np, whole);

    if (record) {
        Kernel::template product<minus>(cut, first.ports, cut, g, np, none, matrix(record, first.ports));
        Kernel::template product<minus>(cut, second.ports, cut, g, nrq, second.rows, matrix(record, second.ports));
    }
}

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT
