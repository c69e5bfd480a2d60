// SPDX-License-Identifier: GPL-2.0
/* The smallest program: it ends. No libc, so that what is measured is the kernel's part of starting it. */

__attribute__((noreturn)) void _start(void)
{
#ifdef __i386__
	__asm__ volatile("int $0x80" : : "a" (1), "b" (0));
#else
	__asm__ volatile("syscall" : : "a" (60), "D" (0) : "rcx", "r11");
#endif
	__builtin_unreachable();
}
