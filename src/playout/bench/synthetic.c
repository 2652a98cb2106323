/* The synthetic workload (synthetic.yaml), written by hand in C for wide vectors: the yardstick of the native engine.

   It draws the engine's own words: Philox-4x32-10, key = seed, counter = (future, stream, member, step / 4), word
   step % 4. The functions of one line are as cheap as -ffast-math lets them be, and single precision. */
#include <math.h>
#include <stdint.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

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
#ifdef __AVX512F__
  /* even and odd lanes apart, each in the lower half of 64 bits, as vpmuludq takes them; the upper half is whatever it is */
  __m512i a[L / 8], b[L / 8], c[L / 8], d[L / 8];
  const __m512i m0 = _mm512_set1_epi64(0xD2511F53u), m1 = _mm512_set1_epi64(0xCD9E8D57u);
  for (int n = 0; n < L / 8; n++) {
    a[n] = _mm512_add_epi64(_mm512_set1_epi64(first + 16 * (u4)(n / 2) + (u4)(n % 2)), _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0));
    b[n] = _mm512_set1_epi64(stream); c[n] = _mm512_set1_epi64(member); d[n] = _mm512_set1_epi64(quarter);
  }
#pragma GCC unroll 10
  for (int r = 0; r < 10; r++) {
    const __m512i x0 = _mm512_set1_epi64(k0), x1 = _mm512_set1_epi64(k1);
#pragma GCC unroll 8
    for (int n = 0; n < L / 8; n++) {
      __m512i p0 = _mm512_mul_epu32(a[n], m0), p1 = _mm512_mul_epu32(c[n], m1);
      a[n] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), b[n], x0, 0x96); b[n] = p1;
      c[n] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), d[n], x1, 0x96); d[n] = p0;
    }
    k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
  }
  for (int n = 0; n < L / 16; n++) {
    _mm512_storeu_si512(w[0] + 16 * n, _mm512_mask_blend_epi32(0xAAAA, a[2 * n], _mm512_slli_epi64(a[2 * n + 1], 32)));
    _mm512_storeu_si512(w[1] + 16 * n, _mm512_mask_blend_epi32(0xAAAA, b[2 * n], _mm512_slli_epi64(b[2 * n + 1], 32)));
    _mm512_storeu_si512(w[2] + 16 * n, _mm512_mask_blend_epi32(0xAAAA, c[2 * n], _mm512_slli_epi64(c[2 * n + 1], 32)));
    _mm512_storeu_si512(w[3] + 16 * n, _mm512_mask_blend_epi32(0xAAAA, d[2 * n], _mm512_slli_epi64(d[2 * n + 1], 32)));
  }
#else
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
#endif
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
/* M. Giles, Approximating the erfinv function, 2010: for far tails, and where there is no AVX-512 */
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
#ifdef __AVX512F__
/* The engine's polynomials (compile/native/scores.py), each by a permutation of a register of sixteen coefficients */
static const u4 CENTRE[16] = {
  0x24000u, 0x48000u, 0x90000u, 0x120000u, 0x240000u, 0x480000u, 0x900000u, 0x1200000u, 0x2400000u, 0x4800000u,
  0x9000000u, 0x12000000u, 0x24000000u, 0x48000000u, 0x80000000u, 0x12000u
};
static const f C[8][16] = {
  {
    3.98086548f, 3.81292939f, 3.63809848f, 3.45547867f, 3.26396871f, 3.06218624f, 2.84835911f, 2.62015176f,
    2.37438679f, 2.10655403f, 1.80989218f, 1.47346747f, 1.07751548f, 0.57913208f, -2.91809937e-10f, 4.14264345f
  },
  {
    -6.760602f, -3.5137403f, -1.83188653f, -0.958517313f, -0.503693104f, -0.266058087f, -0.141428798f, -0.0757788941f,
    -0.0410207361f, -0.0225110501f, -0.0125921844f, -0.00724836066f, -0.00437427964f, -0.00289480831f,
    -0.00244787917f, -13.0425253f
  },
  {
    90.984993f, 23.5402069f, 6.10471344f, 1.58749235f, 0.414071202f, 0.108406179f, 0.028487429f, 0.00752385007f,
    0.00199784036f, 0.000533793995f, 0.000143504032f, 3.87119981e-05f, 1.03097736e-05f, 2.42678084e-06f,
    -9.04204012e-13f, 352.509064f
  },
  {
    -1683.99426f, -217.542221f, -28.1544819f, -3.6529839f, -0.475239933f, -0.0620123111f, -0.0081235487f,
    -0.00106839789f, -0.000141259588f, -1.87805981e-05f, -2.51361917e-06f, -3.39098392e-07f, -4.63465142e-08f,
    -6.75560674e-09f, -2.44478637e-09f, -13062.8682f
  },
  {
    35030.2617f, 2261.92456f, 146.460449f, 9.48071384f, 0.616196334f, 0.0397973247f, 0.00262768287f, 0.000171855456f,
    1.1345709e-05f, 7.51398431e-07f, 5.01051076e-08f, 3.35799011e-09f, 2.27545177e-10f, 1.51444361e-11f,
    -5.86007801e-15f, 534240.25f
  },
  {
    -787554.75f, -25229.7031f, -816.313599f, -26.3972378f, -0.857047737f, -0.0280613787f, -0.000912029936f,
    -3.00541105e-05f, -9.81374569e-07f, -3.24375833e-08f, -1.07966425e-09f, -3.63720998e-11f, -1.2276367e-12f,
    -4.22592835e-14f, -5.25105582e-15f, -24492540.f
  },
  {
    22319182.f, 357601.781f, 5706.93848f, 92.860733f, 1.49920928f, 0.0260166973f, 0.000393347495f, 6.58893123e-06f,
    1.07125835e-07f, 1.77598192e-09f, 2.94727437e-11f, 5.00300864e-13f, 8.30372402e-15f, 1.39630615e-16f,
    -1.25819548e-18f, 1.58025306e+09f
  },
  {
    -544061696.f, -4537650.f, -36278.1641f, -294.4776f, -2.37745237f, -0.0185590219f, -0.000155592614f,
    -1.22314566e-06f, -1.05202043e-08f, -8.68490418e-11f, -7.16511702e-13f, -5.76183236e-15f, -4.83123042e-17f,
    -4.05352906e-19f, -1.85403713e-20f, -6.74793226e+10f
  },
};
static inline __attribute__((always_inline)) void normals(const u4 *restrict w, f *restrict z) {
  for (int l = 0; l < L; l += 16) {
    __m512i x = _mm512_loadu_si512(w + l), low = _mm512_and_si512(x, _mm512_set1_epi32(0x7FFFFFFF));
    __m512i bits = _mm512_castps_si512(_mm512_cvtepi32_ps(low));
    __m512i piece = _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(1 << 22)), 23);
    __m512i from = _mm512_sub_epi32(low, _mm512_permutexvar_epi32(piece, _mm512_loadu_si512(CENTRE)));
    __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(from), _mm512_set1_ps(0x1p-22f));
    __m512 p = _mm512_permutexvar_ps(piece, _mm512_loadu_ps(C[7]));
#pragma GCC unroll 7
    for (int n = 6; n >= 0; n--) p = _mm512_fmadd_ps(p, t, _mm512_permutexvar_ps(piece, _mm512_loadu_ps(C[n])));
    __m512i sign = _mm512_andnot_si512(_mm512_set1_epi32(0x7FFFFFFF), x);
    _mm512_storeu_ps(z + l, _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(p), sign)));
    if (__builtin_expect(_mm512_cmplt_epi32_mask(low, _mm512_set1_epi32(49152)), 0))
      for (int k = l; k < l + 16; k++) if ((w[k] & 0x7FFFFFFFu) < 49152) z[k] = normal(w[k]);
  }
}
#else
static inline __attribute__((always_inline)) void normals(const u4 *restrict w, f *restrict z) {
  for (int l = 0; l < L; l++) z[l] = normal(w[l]);
}
#endif
static inline f cut(f x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

/* Futures 16b to 16b + 15; out [YEARS][4][L]. */
static void block(int b, f *restrict out, u4 k0, u4 k1) {
  static const f first[G] = {28000, 17000, 10000, 8000, 7500, 6800, 5500, 4600};
  f m[G][L], rev[G][L], coh[G][L], arms[G][L], terr[G][L], will[L], press[L], tot[L], force[L], ef[L], splits[L], mc[L], score_of[L];
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
      normals(shock[g][t % 4], score_of);
#pragma omp simd
      for (int l = 0; l < L; l++) {
        f z = score_of[l], u = unit(luck[g][t % 4][l]), x = m[g][l];
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
