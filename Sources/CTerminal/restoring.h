// Between terminal.c and signals.c: what is needed to give the terminal back.
#pragma once
#include <stddef.h>
#include <termios.h>

// Remembers how to restore `descriptor`; from then on ct_restore works.
void ct_remember(int descriptor, const struct termios *saved, const char *bytes, size_t length);
void ct_forget(void);
// Whether the terminal is ours; a fatal signal ends that.
int ct_is_ours(void);
int ct_install_signals(void);
void ct_remove_signals(void);
