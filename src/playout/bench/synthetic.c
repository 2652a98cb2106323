/* The synthetic workload (synthetic.yaml), written by hand in C for wide vectors: the yardstick of the native engine.

   It draws the engine's own words: Philox-4x32-10, key = seed, counter = (future, stream, member, step / 4), word
   step % 4. The functions of one line are as cheap as -ffast-math lets them be, and single precision. */
#include <math.h>
#include <stdint.h>

#define L 32    /* futures side by side: two vectors of AVX-512, so that one computes while the other waits */
#define G 8     /* organisations */
#define YEARS 5 /* of 52 weeks; four outputs are given at the end of each */
typedef float f;
typedef uint32_t u4;
typedef int32_t i4;
/* the keys of the streams: playout.compile.draws.stream_key */
static const u4 SHOCK = 0x44F851D2u, LUCK = 0x3E3F70EFu, MOVE = 0x2DCF4011u;

/* Four words a lane, of all lanes at once; the widening products become vpmuludq. */
static inline __attribute__((always_inline)) void philox(u4 first, u4 stream, u4 member, u4 quarter, u4 k0, u4 k1, u4 w[4][L]) {
  u4 a[L], b[L], c[L], d[L];
  for (int l = 0; l < L; l++) { a[l] = first + (u4)l; b[l] = stream; c[l] = member; d[l] = quarter; }
#pragma GCC unroll 10
  for (int r = 0; r < 10; r++) {
#pragma omp simd
    for (int l = 0; l < L; l++) {
      uint64_t p0 = (uint64_t)a[l] * 0xD2511F53u, p1 = (uint64_t)c[l] * 0xCD9E8D57u;
      u4 n0 = (u4)(p1 >> 32) ^ b[l] ^ k0, n2 = (u4)(p0 >> 32) ^ d[l] ^ k1;
      b[l] = (u4)p1; d[l] = (u4)p0; a[l] = n0; c[l] = n2;
    }
    k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
  }
  for (int l = 0; l < L; l++) { w[0][l] = a[l]; w[1][l] = b[l]; w[2][l] = c[l]; w[3][l] = d[l]; }
}
static inline f unit(u4 x) { return ((f)(i4)(x >> 8) + .5f) * 5.9604645e-08f; }
static inline f fexp(f x) {
  x = x < -87 ? -87 : x > 88 ? 88 : x;
  f y = x * 1.44269504f, n = floorf(y + .5f), r = x - n * 0.693359375f + n * 2.12194440e-4f;
  f p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f; p = p * r + 8.3334519073e-3f; p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f; p = p * r + 5.0000001201e-1f; p = p * r * r + r + 1;
  union { i4 i; f x; } c;
  c.i = ((i4)n + 127) << 23;
  return p * c.x;
}
static inline f flog(f x) {
  union { i4 i; f x; } c;
  c.x = x;
  i4 e = (c.i >> 23) - 127;
  c.i = (c.i & 0x7fffff) | 0x3f800000;
  f m = c.x;
  int big = m > 1.41421356f;
  m = big ? m * .5f : m;
  e = big ? e + 1 : e;
  x = m - 1;
  f p = 7.0376836292e-2f;
  p = p * x - 1.1514610310e-1f; p = p * x + 1.1676998740e-1f; p = p * x - 1.2420140846e-1f;
  p = p * x + 1.4249322787e-1f; p = p * x - 1.6668057665e-1f; p = p * x + 2.0000714765e-1f;
  p = p * x - 2.4999993993e-1f; p = p * x + 3.3333331174e-1f;
  f z = x * x;
  return x + (p * x * z - .5f * z) + (f)e * 0.69314718f;
}
/* M. Giles, Approximating the erfinv function, 2010 */
static inline f score(f u) {
  f v = 2 * u - 1, w = -flog((1 - v) * (1 + v)), a = w - 2.5f, p = 2.81022636e-08f;
  p = 3.43273939e-07f + p * a; p = -3.5233877e-06f + p * a; p = -4.39150654e-06f + p * a;
  p = 0.00021858087f + p * a; p = -0.00125372503f + p * a; p = -0.00417768164f + p * a;
  p = 0.246640727f + p * a; p = 1.50140941f + p * a;
  f b = sqrtf(w) - 3, q = -0.000200214257f;
  q = 0.000100950558f + q * b; q = 0.00134934322f + q * b; q = -0.00367342844f + q * b;
  q = 0.00573950773f + q * b; q = -0.0076224613f + q * b; q = 0.00943887047f + q * b;
  q = 1.00167406f + q * b; q = 2.83297682f + q * b;
  return (w < 5 ? p : q) * v * 1.41421356f;
}
/* the sign from the top bit, the tail from the others */
static inline f normal(u4 x) {
  f z = score(unit(x & 0x7FFFFFFFu));
  return x >> 31 ? z : -z;
}
static inline f cut(f x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

/* Futures 16b to 16b + 15; out [YEARS][4][L]. */
static void block(int b, f *restrict out, u4 k0, u4 k1) {
  static const f first[G] = {28000, 17000, 10000, 8000, 7500, 6800, 5500, 4600};
  f m[G][L], rev[G][L], coh[G][L], arms[G][L], terr[G][L], will[L], press[L], tot[L], force[L], ef[L], splits[L], mc[L];
  u4 shock[G][4][L], luck[G][4][L], move[4][L];
  i4 stage[L];
  for (int g = 0; g < G; g++)
    for (int l = 0; l < L; l++) { m[g][l] = rev[g][l] = first[g]; coh[g][l] = .8f; arms[g][l] = .5f; terr[g][l] = first[g] / 87400; }
  for (int l = 0; l < L; l++) { stage[l] = 0; will[l] = .5f; press[l] = 0; }
  for (int t = 0; t < YEARS * 52; t++) {
    if (t % 4 == 0) {
      for (int g = 0; g < G; g++) {
        philox((u4)(b * L), SHOCK, (u4)g, (u4)t / 4, k0, k1, shock[g]);
        philox((u4)(b * L), LUCK, (u4)g, (u4)t / 4, k0, k1, luck[g]);
      }
      philox((u4)(b * L), MOVE, 0, (u4)t / 4, k0, k1, move);
    }
    for (int l = 0; l < L; l++) tot[l] = 0;
    for (int g = 0; g < G; g++)
      for (int l = 0; l < L; l++) tot[l] += m[g][l];
    for (int l = 0; l < L; l++) { force[l] = stage[l] == 2 ? press[l] : 0; ef[l] = fexp(-.5f * force[l]); splits[l] = mc[l] = 0; }
    for (int g = 0; g < G; g++) {
#pragma omp simd
      for (int l = 0; l < L; l++) {
        f z = normal(shock[g][t % 4][l]), u = unit(luck[g][t % 4][l]), x = m[g][l];
        f recruited = .0025f * x * ef[l] * (1 + .1f * z), lost = 110 * x / tot[l] + .01f * force[l] * x * arms[g][l];
        f next = x + recruited - lost - 7.5e-8f * x * (tot[l] - x) - 4e-8f * x * x;
        next = next < 1 ? 1 : next;
        f r = rev[g][l] * .98f + .02f * next * coh[g][l] * fexp(-force[l] * terr[g][l]);
        rev[g][l] = r;
        int split = u < 1 - fexp(-.01f * (1 - coh[g][l]) - .02f * force[l]);
        f c = cut(split ? coh[g][l] * .7f : coh[g][l] + .01f * (.9f - coh[g][l]));
        splits[l] += split ? 1.f : 0.f;
        coh[g][l] = c;
        arms[g][l] = cut(arms[g][l] + .01f * r / (next + 1) - .02f * force[l] * arms[g][l]);
        terr[g][l] += .05f * (next / tot[l] - terr[g][l]);
        m[g][l] = next; mc[l] += c;
      }
    }
#pragma omp simd
    for (int l = 0; l < L; l++) {
      will[l] = cut(will[l] + .01f * (.5f - will[l]) - .02f * force[l] + .01f * splits[l]);
      f urge = .02f * will[l] + .03f * (1 - will[l]) + .02f + .01f * press[l] + .02f * mc[l] / G;
      press[l] = cut(press[l] + .05f * ((stage[l] == 2 ? .8f : 0) - press[l]));
      stage[l] += (stage[l] < 4) & (unit(move[t % 4][l]) < 1 - fexp(-urge));
    }
    if (t % 52 == 51) {
      f *o = out + t / 52 * 4 * L;
      for (int l = 0; l < L; l++) { tot[l] = 0; o[L + l] = o[2 * L + l] = 0; }
      for (int g = 0; g < G; g++)
        for (int l = 0; l < L; l++) tot[l] += m[g][l];
      for (int g = 0; g < G; g++)
        for (int l = 0; l < L; l++) { o[L + l] += 7.5e-8f * m[g][l] * (tot[l] - m[g][l]); o[2 * L + l] += rev[g][l]; }
      for (int l = 0; l < L; l++) { o[l] = tot[l]; o[3 * L + l] = stage[l]; }
    }
  }
}

/* Blocks from .. to - 1 into out [to - from][YEARS][4][L]. */
void play(int from, int to, uint32_t k0, uint32_t k1, float *out) {
  for (int b = from; b < to; b++) block(b, out + (long)(b - from) * YEARS * 4 * L, k0, k1);
}
