/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's headers give to userns_map.c, for the host; the compiler
 * is told to include it first, so that the file itself stays as it is.
 */
#ifndef HOST_KERNEL_H
#define HOST_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define unreachable()	__builtin_unreachable()

#include "../../kernel/include/linux/userns_map.h"

#endif
