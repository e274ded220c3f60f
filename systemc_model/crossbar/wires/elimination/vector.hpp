#pragma once

// Vectors of independent elements for the instruction set of the including file. Every multiply-add is a fused one, so
// that all sets give the same bits. Nothing of a shared namespace is defined or instantiated here or in the files that
// go with this one: the linker could otherwise put code for one instruction set into the whole program.

#if defined(XLOOP_ELIMINATION_AVX512)
#include <immintrin.h>
#define XLOOP_VECTOR_BYTES 64
#elif defined(XLOOP_ELIMINATION_AVX2)
#include <immintrin.h>
#define XLOOP_VECTOR_BYTES 32
#else
#define XLOOP_VECTOR_BYTES 16
#endif

#include <utility>

namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT {

template <class T>
struct VectorOf {
    typedef T Type __attribute__((vector_size(XLOOP_VECTOR_BYTES)));
};
/// The compiler's vectors, with + - * / element by element.
template <class T>
using Vector = typename VectorOf<T>::Type;
template <class T>
constexpr int vector_size = XLOOP_VECTOR_BYTES / static_cast<int>(sizeof(T));

template <class T>
inline Vector<T> load(const T* from) {
    Vector<T> v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

template <class T>
inline void store(T* to, const Vector<T>& v) {
    __builtin_memcpy(to, &v, sizeof v);
}

template <class T>
inline Vector<T> fill(T value) {
    return value - Vector<T>{};
}

// fma: a * b + c; fnma: c - a * b
#if defined(XLOOP_ELIMINATION_AVX512)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm512_fmadd_ps(a, b, c); }
inline Vector<float> fnma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm512_fnmadd_ps(a, b, c); }
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm512_fmadd_pd(a, b, c); }
inline Vector<double> fnma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm512_fnmadd_pd(a, b, c); }
#elif defined(XLOOP_ELIMINATION_AVX2)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm256_fmadd_ps(a, b, c); }
inline Vector<float> fnma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm256_fnmadd_ps(a, b, c); }
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm256_fmadd_pd(a, b, c); }
inline Vector<double> fnma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm256_fnmadd_pd(a, b, c); }
#else
inline Vector<float> fma(const Vector<float>& a, const Vector<float>& b, Vector<float> c) {
    for (int i = 0; i < vector_size<float>; ++i)
        c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return c;
}
inline Vector<double> fma(const Vector<double>& a, const Vector<double>& b, Vector<double> c) {
    for (int i = 0; i < vector_size<double>; ++i)
        c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
}
template <class V>
inline V fnma(const V& a, const V& b, const V& c) {
    return fma(-a, b, c);
}
#endif

/// Exchanges the upper right and the lower left quarter of each 2h x 2h block of the two rows' places.
template <int h, class V, int... place>
inline void exchange(V& upper, V& lower, std::integer_sequence<int, place...>) {
    constexpr int size = sizeof...(place);
    const V first = __builtin_shufflevector(upper, lower, (place & h ? size + place - h : place)...);
    lower = __builtin_shufflevector(upper, lower, (place & h ? size + place : place + h)...);
    upper = first;
}

/// Rows of a square become its columns.
template <class T, int h = vector_size<T> / 2>
inline void transpose(Vector<T>* rows) {
#pragma GCC unroll 16
    for (int i = 0; i < vector_size<T>; ++i)
        if (!(i & h))
            exchange<h>(rows[i], rows[i + h], std::make_integer_sequence<int, vector_size<T>>{});
    if constexpr (h > 1)
        transpose<T, h / 2>(rows);
}

}  // namespace xloop::elimination::XLOOP_ELIMINATION_VARIANT

#undef XLOOP_VECTOR_BYTES
