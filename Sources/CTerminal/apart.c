// What is written past ncurses: glyphs whose width terminals do not agree on.
//
// ncurses holds blanks in their cells. After its refresh each of them is drawn with the cursor placed
// before it, over blanks of its own, in attributes that ncurses itself keeps track of.
#include "apart.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

// From term.h, which as a whole would define `columns`, `lines` and many more as macros.
char *tiparm(const char *string, ...);
int tputs(const char *string, int lines, int (*put)(int));

enum { MOST_BYTES = 96 };

typedef struct {
  int column, columns, pair;
  attr_t attributes;
  char text[MOST_BYTES];
} glyph;

typedef struct {
  glyph *glyphs;
  int count, room, is_new;
} line;

static line *lines;
static int line_count;

void apart_resize(int rows) {
  for (int i = 0; i < line_count; i++) free(lines[i].glyphs);
  free(lines);
  lines = rows > 0 ? calloc((size_t)rows, sizeof *lines) : NULL;
  line_count = lines ? rows : 0;
}

void apart_begin(int row) {
  if (row < 0 || row >= line_count) return;
  lines[row].count = 0;
  lines[row].is_new = 1;
}

// UTF-8 (RFC 3629) as far as there is room, whole scalars only.
static void encode(char *text, const uint32_t *scalars, int count) {
  size_t length = 0;
  for (int i = 0; i < count && length + 4 < MOST_BYTES; i++) {
    uint32_t it = scalars[i];
    int more = it < 0x80 ? 0 : it < 0x800 ? 1 : it < 0x10000 ? 2 : 3;
    static const unsigned char marks[] = {0, 0xC0, 0xE0, 0xF0};
    text[length++] = (char)(marks[more] | it >> 6 * more);
    while (more-- > 0) text[length++] = (char)(0x80 | (it >> 6 * more & 0x3F));
  }
  text[length] = 0;
}

void apart_add(
  int row, int column, int columns, const uint32_t *scalars, int count, attr_t attributes,
  int pair) {
  if (row < 0 || row >= line_count) return;
  line *it = &lines[row];
  if (it->count == it->room) {
    int room = it->room ? 2 * it->room : 16;
    glyph *more = realloc(it->glyphs, (size_t)room * sizeof *more);
    if (!more) return;
    it->glyphs = more;
    it->room = room;
  }
  glyph *next = &it->glyphs[it->count++];
  next->column = column;
  next->columns = columns;
  next->pair = pair;
  next->attributes = attributes;
  encode(next->text, scalars, count);
}

static char *buffer;
static size_t used, size;

static int put_byte(int byte) {
  if (used == size) {
    size_t larger = size ? 2 * size : 4096;
    char *more = realloc(buffer, larger);
    if (!more) return EOF;
    buffer = more;
    size = larger;
  }
  buffer[used++] = (char)byte;
  return byte;
}

static void place(const char *address, int row, int column) {
  tputs(tiparm(address, row, column), 1, put_byte);
}

// ncurses keeps a colour of the pair before where the next pair has the terminal's own: so first none.
static void dress(attr_t attributes, int pair) {
  int none = 0;
  vid_puts(A_NORMAL, 0, &none, put_byte);
  vid_puts(attributes, 0, &pair, put_byte);
}

static void draw(const char *address, int row, const glyph *it) {
  place(address, row, it->column);
  dress(it->attributes, it->pair);
  for (int i = 0; i < it->columns; i++) put_byte(' ');
  place(address, row, it->column);
  for (const char *byte = it->text; *byte; byte++) put_byte(*byte);
}

static void switch_wrapping(const char *name) {
  const char *bytes = tigetstr(name);
  if (bytes && bytes != (const char *)-1) tputs(bytes, 1, put_byte);
}

static int is_wanted(const line *it, int everything) {
  return it->count > 0 && (everything || it->is_new);
}

char *apart_bytes(int everything, int cursor_row, int cursor_column, size_t *length) {
  const char *address = tigetstr("cup");
  buffer = NULL;
  used = size = 0;
  int wanted = 0;
  for (int row = 0; row < line_count; row++) wanted |= is_wanted(&lines[row], everything);
  // What a terminal takes to be wider must not pass the edge into the next row.
  if (wanted) switch_wrapping("rmam");
  for (int row = 0; row < line_count; row++) {
    line *it = &lines[row];
    if (is_wanted(it, everything))
      for (int i = 0; i < it->count; i++) draw(address, row, &it->glyphs[i]);
    it->is_new = 0;
  }
  if (wanted) {
    dress(A_NORMAL, 0);
    switch_wrapping("smam");
    place(address, cursor_row < 0 ? 0 : cursor_row, cursor_row < 0 ? 0 : cursor_column);
  }
  *length = used;
  return buffer;
}
