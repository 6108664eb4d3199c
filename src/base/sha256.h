// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 (FIPS 180-4), for right answers that a lesson keeps to itself.
#ifndef FORKLAB_BASE_SHA256_H
#define FORKLAB_BASE_SHA256_H

#include <stddef.h>

// 64 hexadecimal digits and a NUL.
#define SHA256_DIGITS 65

// Writes the hash of `length` bytes into `digits`, in small letters.
void sha256_hex(const char *bytes, size_t length, char digits[SHA256_DIGITS]);

#endif
