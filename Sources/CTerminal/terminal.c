// The grid's way onto ncurses.
#include "apart.h"
#include "cterminal.h"
#include "descriptions.h"
#include "restoring.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

// From term.h, which as a whole would define `columns`, `lines` and many more as macros.
int setupterm(const char *term, int descriptor, int *answer);
typedef struct term TERMINAL;
extern TERMINAL *cur_term;
int del_curterm(TERMINAL *terminal);

static SCREEN *screen;
static FILE *input_file, *output_file;
static struct termios saved_modes;
static char *enter_bytes, *leave_bytes;
static int colour_started, cursor_row = -1, cursor_column, must_redraw;

static void write_count(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fileno(output_file), bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    length -= (size_t)written;
  }
}

static void write_all(const char *bytes) {
  if (bytes) write_count(bytes, strlen(bytes));
}

// Only LC_CTYPE: the other categories would change how numbers are written.
static int use_utf8(void) {
  setlocale(LC_CTYPE, "");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
  return setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "C.utf8")
    || setlocale(LC_CTYPE, "en_US.UTF-8");
}

int ct_width(uint32_t scalar) {
  static int ready;
  if (!ready) ready = use_utf8();
  return wcwidth((wchar_t)scalar);
}

static FILE *duplicate(int descriptor, const char *mode) {
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return NULL;
  FILE *file = fdopen(copy, mode);
  if (!file) close(copy);
  return file;
}

// Appends a terminfo string without its padding, `$<5>`.
static size_t append(char *buffer, size_t length, size_t limit, const char *string) {
  if (string == NULL || string == (const char *)-1) return length;
  while (*string && length < limit) {
    const char *close = string[0] == '$' && string[1] == '<' ? strchr(string, '>') : NULL;
    if (close) string = close + 1;
    else buffer[length++] = *string++;
  }
  return length;
}

static void remember(void) {
  char bytes[1024];
  size_t length = append(bytes, 0, sizeof bytes, leave_bytes);
  static const char *const names[] = {"sgr0", "op", "smam", "cnorm", "rmkx", "rmcup"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    length = append(bytes, length, sizeof bytes, tigetstr(names[i]));
  ct_remember(fileno(output_file), &saved_modes, bytes, length);
}

static void forget(void) {
  ct_forget();
  ct_remove_signals();
  apart_resize(0);
  if (screen) delscreen(screen);
  if (input_file) fclose(input_file);
  if (output_file) fclose(output_file);
  free(enter_bytes);
  free(leave_bytes);
  screen = NULL;
  input_file = output_file = NULL;
  enter_bytes = leave_bytes = NULL;
}

static void set_modes(void) {
  raw();
  noecho();
  nonl();
  // Keys are decoded from bytes by the caller, so ncurses neither reads nor stops for typing.
  keypad(stdscr, FALSE);
  typeahead(-1);
  set_escdelay(25);
  leaveok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  // Shifting cells on the terminal would shift what stands apart, which ncurses knows nothing of.
  idcok(stdscr, FALSE);
  curs_set(0);
}

// The description of a terminal that needs no database; NULL where it is one of the database's.
static const char *description(const char *term) {
  if (strcmp(term, CT_XTERM) == 0) return ct_xterm_description;
  return strcmp(term, CT_ANSI) == 0 ? ct_ansi_description : NULL;
}

// Lets ncurses find the description where there is one; the variable is put back afterwards.
static char *lend(const char *description) {
  const char *now = getenv("TERMINFO");
  char *before = now ? strdup(now) : NULL;
  if (description) setenv("TERMINFO", description, 1);
  return before;
}

static void give_back(const char *description, char *before) {
  if (description && before) setenv("TERMINFO", before, 1);
  else if (description) unsetenv("TERMINFO");
  free(before);
}

// Asked with an answer because ncurses would complain on standard error.
static int is_known(const char *term, int descriptor) {
  int answer = 0;
  return setupterm(term, descriptor, &answer) == OK;
}

ct_entry ct_look_up(const char *term) {
  ct_entry entry = {0, 0, 0, 0};
  if (screen || !term || !*term) return entry;
  const char *described = description(term);
  char *before = lend(described);
  if (is_known(term, STDOUT_FILENO)) {
    const char *cup = tigetstr("cup");
    entry.is_known = 1;
    entry.colours = tigetnum("colors");
    entry.is_direct = tigetflag("RGB") > 0;
    entry.can_address = cup != NULL && cup != (char *)-1;
    del_curterm(cur_term);
  }
  give_back(described, before);
  return entry;
}

int ct_open(int input, int output, const char *term, const char *enter, const char *leave) {
  if (screen) return CT_ALREADY_OPEN;
  if (!isatty(input) || !isatty(output)) return CT_NOT_A_TERMINAL;
  if (!use_utf8()) return CT_NO_UTF8;
  if (!term || !*term) return CT_UNKNOWN_TERMINAL;
  if (tcgetattr(output, &saved_modes) != 0) return CT_SYSTEM;
  // Before newterm: ncurses puts handlers of its own only where there are none.
  if (!ct_install_signals()) return CT_SYSTEM;
  input_file = duplicate(input, "r");
  output_file = duplicate(output, "w");
  enter_bytes = strdup(enter);
  leave_bytes = strdup(leave);
  int code = CT_OK;
  const char *described = description(term);
  char *before = lend(described);
  if (!input_file || !output_file || !enter_bytes || !leave_bytes) code = CT_SYSTEM;
  else if (!is_known(term, fileno(output_file))) code = CT_UNKNOWN_TERMINAL;
  else if (!(screen = newterm(term, output_file, input_file))) code = CT_UNKNOWN_TERMINAL;
  else if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) code = CT_CANNOT_ADDRESS;
  give_back(described, before);
  if (code != CT_OK) {
    if (screen) endwin();
    tcsetattr(output, TCSANOW, &saved_modes);
    forget();
    return code;
  }
  remember();
  colour_started = 0;
  cursor_row = -1;
  set_modes();
  ct_resize();
  apart_resize(getmaxy(stdscr));
  refresh();
  write_all(enter_bytes);
  return CT_OK;
}

// What changed, first by ncurses, then what stands apart over its blanks.
static void send_changes(int everything) {
  refresh();
  size_t length;
  char *bytes = apart_bytes(everything, cursor_row, cursor_column, &length);
  if (bytes) write_count(bytes, length);
  free(bytes);
}

void ct_leave(void) {
  if (!screen || !ct_is_ours() || isendwin()) return;
  write_all(leave_bytes);
  // After a resize some terminals bring only part of the main screen back over the alternate one.
  const char *leave = tigetstr("rmcup");
  if (leave && leave != (char *)-1 && *leave) write_all("\033[H\033[2J");
  endwin();
  tcsetattr(fileno(output_file), TCSADRAIN, &saved_modes);
}

void ct_enter(void) {
  if (!screen || !ct_is_ours()) return;
  // Whoever continued us may have changed the modes: ncurses sets them all after an endwin.
  if (!isendwin()) endwin();
  clearok(curscr, TRUE);
  send_changes(1);
  write_all(enter_bytes);
}

void ct_close(void) {
  if (!screen) return;
  ct_leave();
  forget();
}

int ct_colours(void) { return screen ? tigetnum("colors") : 0; }

int ct_has_direct_colour(void) { return screen && tigetflag("RGB") > 0; }

int ct_start_colour(void) {
  colour_started = start_color() == OK && use_default_colors() == OK;
  return colour_started;
}

ct_size ct_resize(void) {
  struct winsize window;
  ct_size size = {80, 24};
  if (!screen) return size;
  if (ioctl(fileno(output_file), TIOCGWINSZ, &window) == 0 && window.ws_col > 0
      && window.ws_row > 0) {
    size.columns = window.ws_col;
    size.rows = window.ws_row;
  }
  if (size.columns != getmaxx(stdscr) || size.rows != getmaxy(stdscr)) {
    resize_term(size.rows, size.columns);
    // Terminals move text and cursor at a resize as they like: nothing is known any more.
    clearok(curscr, TRUE);
    must_redraw = 1;
    apart_resize(size.rows);
  }
  return size;
}

static attr_t attribute_of(unsigned attributes) {
  attr_t attribute = A_NORMAL;
  if (attributes & CT_BOLD) attribute |= A_BOLD;
  if (attributes & CT_UNDERLINE) attribute |= A_UNDERLINE;
  if (attributes & CT_REVERSE) attribute |= A_REVERSE;
  if (attributes & CT_DIM) attribute |= A_DIM;
  return attribute;
}

static int pair_of(int foreground, int background) {
  if (!colour_started || (foreground < 0 && background < 0)) return 0;
  int pair = alloc_pair(foreground, background);
  return pair < 0 ? 0 : pair;
}

void ct_put(
  int row, int column, int columns, const uint32_t *scalars, int count, unsigned attributes,
  int foreground, int background) {
  (void)columns;
  wchar_t text[CCHARW_MAX + 1] = {0};
  for (int i = 0; i < count && i < CCHARW_MAX; i++) text[i] = (wchar_t)scalars[i];
  int pair = pair_of(foreground, background);
  cchar_t cell;
  if (setcchar(&cell, text, attribute_of(attributes), 0, &pair) == OK)
    mvadd_wch(row, column, &cell);
}

void ct_begin_row(int row) { apart_begin(row); }

void ct_put_apart(
  int row, int column, int columns, const uint32_t *scalars, int count, unsigned attributes,
  int foreground, int background) {
  attr_t attribute = attribute_of(attributes);
  int pair = pair_of(foreground, background);
  // To ncurses these cells hold blanks, but others than a plain one, which it would have to write.
  const wchar_t blank[] = {0xA0, 0};
  cchar_t cell;
  if (setcchar(&cell, blank, attribute, 0, &pair) != OK) return;
  for (int i = 0; i < columns; i++) mvadd_wch(row, column + i, &cell);
  apart_add(row, column, columns, scalars, count, attribute, pair);
}

void ct_cursor(int row, int column) {
  if (!screen || !ct_is_ours()) return;
  if ((row < 0) != (cursor_row < 0)) curs_set(row < 0 ? 0 : 1);
  cursor_row = row;
  cursor_column = column;
}

void ct_refresh(const char *begin, const char *end) {
  if (!screen || !ct_is_ours()) return;
  move(cursor_row < 0 ? 0 : cursor_row, cursor_row < 0 ? 0 : cursor_column);
  write_all(begin);
  send_changes(must_redraw);
  must_redraw = 0;
  write_all(end);
}

void ct_redraw(void) {
  if (!screen) return;
  clearok(curscr, TRUE);
  must_redraw = 1;
}
