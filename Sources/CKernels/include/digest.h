#pragma once

#include <stdint.h>

// SHA-256 (FIPS 180-4) of whole blocks of 64 bytes: state is eight words, which begin as the
// standard says; the bytes need not be aligned. Where the processor has instructions for it they are
// taken; the digest is the same.
void ck_sha256(uint32_t state[8], const void *bytes, long blocks);
