// What is written past ncurses, cursor placed before and after it. Private to this room.
#pragma once
#include <curses.h>
#include <stddef.h>
#include <stdint.h>

// Makes room for that many rows and forgets what stood there; 0 frees all.
void apart_resize(int rows);
// Forgets what stands apart in a row, which is about to be written anew.
void apart_begin(int row);
// Remembers one glyph until its row begins again.
void apart_add(
  int row, int column, int columns, const uint32_t *scalars, int count, attr_t attributes,
  int pair);
// The bytes that draw what stands apart in rows begun since the last call (or in all), the cursor
// left at its place afterwards (row -1: top left); NULL when there are none. The caller frees them.
char *apart_bytes(int everything, int cursor_row, int cursor_column, size_t *length);
