/* The synthetic workload, written by hand in C for wide vectors: the yardstick of the native engine.

   Eight organisations of six stocks, a campaign, political will; 260 weekly steps; four outputs kept a step. It draws the
   engine's own words: Philox-4x32-10, key = seed, counter = (future, stream, member, step / 4), word step % 4.

   gcc -O3 -march=native -mprefer-vector-width=512 -ffast-math -fopenmp workload.c -lm
   Arguments: futures, threads, turns. Prints the seconds of each turn, then the mean of members at the end. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define L 16
#define G 8
#define T 260
typedef float f;
typedef uint32_t u4;
typedef int32_t i4;
/* the keys of the streams: playout.compile.draws.stream_key */
static const u4 SHOCK = 0x1DAE5EB1u, SPLIT = 0x98DAB528u, MOVE = 0x2245A798u;

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
static inline f cut(f x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static void block(int b, f *restrict out, u4 k0, u4 k1) {
  static const f start[G] = {28000, 17000, 10000, 8000, 7500, 6800, 5500, 4600};
  f m[G][L], rev[G][L], coh[G][L], arms[G][L], terr[G][L], gov[L], press[L], tot[L], p[L], ep[L], ns[L], cf[L], rv[L], mm[L], mc[L];
  u4 za[G][4][L], ua[G][4][L], ha[4][L];
  i4 stage[L];
  for (int g = 0; g < G; g++)
    for (int l = 0; l < L; l++) { m[g][l] = rev[g][l] = start[g]; coh[g][l] = .8f; arms[g][l] = .5f; terr[g][l] = start[g] / 87400; }
  for (int l = 0; l < L; l++) { stage[l] = 0; gov[l] = .5f; press[l] = 0; }
  for (int t = 0; t < T; t++) {
    if (t % 4 == 0) {
      for (int g = 0; g < G; g++) {
        philox((u4)(b * L), SHOCK, (u4)g, (u4)t / 4, k0, k1, za[g]);
        philox((u4)(b * L), SPLIT, (u4)g, (u4)t / 4, k0, k1, ua[g]);
      }
      philox((u4)(b * L), MOVE, 0, (u4)t / 4, k0, k1, ha);
    }
    for (int l = 0; l < L; l++) tot[l] = 0;
    for (int g = 0; g < G; g++)
      for (int l = 0; l < L; l++) tot[l] += m[g][l];
    for (int l = 0; l < L; l++) { p[l] = stage[l] == 2 ? press[l] : 0; ep[l] = fexp(-.5f * p[l]); ns[l] = cf[l] = rv[l] = mm[l] = mc[l] = 0; }
    for (int g = 0; g < G; g++) {
#pragma omp simd
      for (int l = 0; l < L; l++) {
        f z = score(unit(za[g][t % 4][l])), u = unit(ua[g][t % 4][l]), x = m[g][l];
        f rec = .0025f * x * ep[l] * (1 + .1f * z), los = 110 * x / tot[l] + p[l] * .01f * x * arms[g][l], c = 1.5e-8f * x * (tot[l] - x) * 5;
        f m2 = x + rec - los - c - 4e-8f * x * x;
        m2 = m2 < 1 ? 1 : m2;
        f r = rev[g][l] * .98f + .02f * m2 * coh[g][l] * fexp(-p[l] * terr[g][l]);
        rev[g][l] = r;
        f hz = 1 - fexp(-.01f * (1 - coh[g][l]) - .02f * p[l]);
        int s = u < hz;
        f cc = s ? coh[g][l] * .7f : coh[g][l] + .01f * (.9f - coh[g][l]);
        ns[l] += s ? 1.f : 0.f;
        cc = cut(cc);
        coh[g][l] = cc;
        arms[g][l] = cut(arms[g][l] + .01f * r / (m2 + 1) - .02f * p[l] * arms[g][l]);
        terr[g][l] += .05f * (m2 / tot[l] - terr[g][l]);
        m[g][l] = m2; cf[l] += c; rv[l] += r; mm[l] += m2; mc[l] += cc;
      }
    }
#pragma omp simd
    for (int l = 0; l < L; l++) {
      gov[l] = cut(gov[l] + .01f * (.5f - gov[l]) - .02f * p[l] + .01f * ns[l]);
      /* five causes compete for the next stage, as the native workload's five moves do */
      f rate = .02f * gov[l] + .03f * (1 - gov[l]) + .02f + .01f * press[l] + .02f * mc[l] / G;
      f h = 1 - fexp(-rate);
      stage[l] += (stage[l] < 4) & (unit(ha[t % 4][l]) < h);
      press[l] = cut(press[l] + .05f * ((stage[l] == 2 ? .8f : 0) - press[l]));
      out[(t * 4 + 0) * L + l] = mm[l]; out[(t * 4 + 1) * L + l] = cf[l]; out[(t * 4 + 2) * L + l] = rv[l]; out[(t * 4 + 3) * L + l] = stage[l];
    }
  }
}

int main(int argc, char **argv) {
  int futures = argc > 1 ? atoi(argv[1]) : 65536, threads = argc > 2 ? atoi(argv[2]) : 1, turns = argc > 3 ? atoi(argv[3]) : 4;
  f *out = malloc(sizeof(f) * (size_t)futures * T * 4);
  double sum = 0;
  omp_set_num_threads(threads);
  for (int k = 0; k < turns; k++) {
    double begun = omp_get_wtime();
#pragma omp parallel for schedule(dynamic, 16)
    for (int b = 0; b < futures / L; b++) block(b, out + (size_t)b * T * 4 * L, 7, 0);
    printf("%.6f\n", omp_get_wtime() - begun);
    sum = 0;
    for (int b = 0; b < futures / L; b++)
      for (int l = 0; l < L; l++) sum += out[(size_t)b * T * 4 * L + ((T - 1) * 4) * L + l];
  }
  printf("mean %.3f\n", sum / futures);
  free(out);
  return 0;
}
