// Vector types and partial loads of one instruction set. Contraction to fused multiply-add is the
// only freedom given to the compiler: sums keep the order that is written.
#pragma clang fp contract(fast)

typedef float FN(v) __attribute__((ext_vector_type(LANES)));
typedef float FN(u) __attribute__((ext_vector_type(LANES), aligned(4)));
typedef int FN(i) __attribute__((ext_vector_type(LANES)));
#define V FN(v)
#define U FN(u)
#define I FN(i)
#define INLINE static inline __attribute__((always_inline))

INLINE V FN(load)(const float *p) { return *(const U *)p; }
INLINE void FN(store)(float *p, V x) { *(U *)p = x; }
#ifndef OWN_PARTS
INLINE V FN(part)(const float *p, long n) {
  V x = (V)(0.0f);
  memcpy(&x, p, (size_t)n * sizeof(float));
  return x;
}
INLINE void FN(put)(float *p, V x, long n) { memcpy(p, &x, (size_t)n * sizeof(float)); }
#endif
// Loads min(n, lanes) floats; the rest is zero.
INLINE V FN(ld)(const float *p, long n) { return n >= LANES ? FN(load)(p) : FN(part)(p, n); }
INLINE void FN(st)(float *p, V x, long n) {
  if (n >= LANES) FN(store)(p, x);
  else FN(put)(p, x, n);
}
#define LD FN(ld)
#define ST FN(st)

INLINE float FN(sum)(V x) {
  float t[LANES];
  memcpy(t, &x, sizeof t);
  for (int half = LANES / 2; half; half /= 2)
    for (int j = 0; j < half; j++) t[j] += t[j + half];
  return t[0];
}
INLINE float FN(top)(V x) {
  float t[LANES];
  memcpy(t, &x, sizeof t);
  float m = t[0];
  for (int j = 1; j < LANES; j++) m = t[j] > m ? t[j] : m;
  return m;
}
// exp with a relative error of 1e-7 (Cephes' polynomial); exactly 0 below -87.
INLINE V FN(exp)(V x) {
  V y = x > (V)(88.0f) ? (V)(88.0f) : x;
  y = y < (V)(-87.0f) ? (V)(-87.0f) : y;
  V shifted = y * 1.44269504f + (y < (V)(0.0f) ? (V)(-0.5f) : (V)(0.5f));
  I n = __builtin_convertvector(shifted, I);
  V whole = __builtin_convertvector(n, V);
  V r = (y - whole * 0.693359375f) + whole * 2.12194440e-4f;
  V p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  I bits = (n + 127) << 23;
  V scale;
  memcpy(&scale, &bits, sizeof scale);
  return x < (V)(-87.0f) ? (V)(0.0f) : p * scale;
}
