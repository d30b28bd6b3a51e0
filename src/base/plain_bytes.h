/* plain_bytes.h - over the bytes of a JSON string that need no look: neither a quote, a backslash, a
 * control character nor anything beyond ASCII. Most of a payload is this, so it goes sixteen bytes
 * at a time where the processor can (SSE2, NEON: every x86-64 and arm64), else eight.
 *
 * Both return the first byte from P on that isn't plain, or a place before it with less than their
 * step left to END: who calls looks at each byte from there on by himself. Never past END. */
#ifndef MB_BASE_PLAIN_BYTES_H
#define MB_BASE_PLAIN_BYTES_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_neon.h>
#endif

/* The lowest byte that the sum marks is one to look at; those above it may be marked by a borrow. */
static inline const char *plain_bytes_by_8(const char *p, const char *end)
{
    static const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
    while (end - p >= 8) {
        uint64_t w;
        memcpy(&w, p, sizeof w);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        uint64_t marked = ((quote - ones) | (slash - ones) | (w - ones * 0x20) | w) & high;
        if (marked)
            return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? p + (__builtin_ctzll(marked) >> 3)
                                                             : p;
        p += 8;
    }
    return p;
}

#if defined(__SSE2__)
/* Compared as signed numbers, what is beyond ASCII is below the space, too. */
static inline const char *plain_bytes(const char *p, const char *end)
{
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
                  space = _mm_set1_epi8(' ');
    while (end - p >= 16) {
        __m128i w = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i marked =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(w, quote), _mm_cmpeq_epi8(w, slash)),
                         _mm_cmplt_epi8(w, space));
        unsigned bits = (unsigned)_mm_movemask_epi8(marked);
        if (bits)
            return p + __builtin_ctz(bits);
        p += 16;
    }
    return plain_bytes_by_8(p, end);
}
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Of each byte that is marked, four bits are kept. */
static inline const char *plain_bytes(const char *p, const char *end)
{
    const uint8x16_t quote = vdupq_n_u8('"'), slash = vdupq_n_u8('\\');
    const int8x16_t space = vdupq_n_s8(' ');
    while (end - p >= 16) {
        uint8x16_t w = vld1q_u8((const uint8_t *)p);
        uint8x16_t marked = vorrq_u8(vorrq_u8(vceqq_u8(w, quote), vceqq_u8(w, slash)),
                                     vcltq_s8(vreinterpretq_s8_u8(w), space));
        uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(marked), 4);
        uint64_t bits = vget_lane_u64(vreinterpret_u64_u8(narrow), 0);
        if (bits)
            return p + (__builtin_ctzll(bits) >> 2);
        p += 16;
    }
    return plain_bytes_by_8(p, end);
}
#else
static inline const char *plain_bytes(const char *p, const char *end)
{
    return plain_bytes_by_8(p, end);
}
#endif

#endif
