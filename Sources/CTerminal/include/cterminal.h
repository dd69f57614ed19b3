// What of ncurses, signals and eventfd Swift cannot say itself.
//
// One terminal per process; every function but ct_wake and ct_restore belongs to the thread that
// called ct_open.
#pragma once
#include <stdint.h>

enum {
  CT_OK = 0,
  CT_NOT_A_TERMINAL = 1,     // a descriptor is no terminal
  CT_UNKNOWN_TERMINAL = 2,   // no terminfo entry for that name
  CT_CANNOT_ADDRESS = 3,     // the terminal cannot move its cursor
  CT_NO_UTF8 = 4,            // no UTF-8 locale on this machine
  CT_ALREADY_OPEN = 5,
  CT_SYSTEM = 6              // errno says what
};

enum { CT_BOLD = 1, CT_UNDERLINE = 2, CT_REVERSE = 4, CT_DIM = 8 };

typedef struct {
  int32_t columns;
  int32_t rows;
} ct_size;

// Names of two descriptions that need no terminfo database: the xterm family with 256 colours, the
// VT100 family without any.
#define CT_XTERM "crux-xterm"
#define CT_ANSI "crux-ansi"

typedef struct {
  int32_t is_known;     // there is a description of that name
  int32_t colours;      // 0 or less is none
  int32_t is_direct;    // they are direct 24-bit ones
  int32_t can_address;  // the cursor can be placed
} ct_entry;

// What terminfo says of a terminal; not while one is open.
ct_entry ct_look_up(const char *term);

// Takes the terminal: signal handlers, raw mode, alternate screen, then `enter` as it stands.
// `leave` undoes `enter`; it is kept for ct_close and for the handlers of fatal signals.
int ct_open(int input, int output, const char *term, const char *enter, const char *leave);
// Gives the terminal back as it was; harmless when it is not open.
void ct_close(void);
// Gives it back for a while (before stopping) and takes it again, repainted.
void ct_leave(void);
void ct_enter(void);
// Writes the restoring bytes and the saved termios; safe in a signal handler.
void ct_restore(void);

// Colours of the terminfo entry (0 is none), and whether they are direct 24-bit ones.
int ct_colours(void);
int ct_has_direct_colour(void);
// Starts colour; without it pairs are ignored. 0 on failure.
int ct_start_colour(void);

// Size of the terminal now; ncurses is told of it. A terminal that does not know says 80 by 24.
ct_size ct_resize(void);
// Says that a row is written anew: what stands apart in it is forgotten.
void ct_begin_row(int row);
// Puts one character (a base and what combines with it); colour -1 is the terminal's own.
void ct_put(
  int row, int column, int columns, const uint32_t *scalars, int count, unsigned attributes,
  int foreground, int background);
// The same for what terminals may give other columns than these: it stands apart, the cursor placed
// before and after it.
void ct_put_apart(
  int row, int column, int columns, const uint32_t *scalars, int count, unsigned attributes,
  int foreground, int background);
// Places the cursor and shows it; row -1 hides it.
void ct_cursor(int row, int column);
// Sends what changed. `begin` and `end` are written around it as they stand.
void ct_refresh(const char *begin, const char *end);
// Makes the next refresh erase and send every cell.
void ct_redraw(void);

// For the life of the process, once: faults give the terminal back, their backtrace waits for no
// key, and a write beyond the file size limit fails instead of ending the process.
void ct_watch_faults(void);
// The file size limit in bytes, once a write has met it; -1 before.
int64_t ct_file_limit_met(void);
// For the life of the process: a signal that would end it is noted, unless it was ignored at the
// start; a third SIGINT or SIGQUIT ends it at once, unless held. The first one's number, or 0.
void ct_watch_end(void);
void ct_ask_to_end(int number);
int ct_asked_to_end(void);
void ct_hold_end(int on);

// Whether a shell of this session could continue a stopped process.
int ct_can_stop(int descriptor);
// Stops the process group as Ctrl-Z does until it is continued; 0 where nobody took the terminal
// over, so that it goes on.
int ct_stop(int descriptor);

// Readable when a signal arrived; ct_next_signal takes one, or 0.
int ct_signal_descriptor(void);
int ct_next_signal(void);
// Readable after ct_wake, which any thread may call; ct_woken takes the wake.
int ct_wake_descriptor(void);
void ct_wake(void);
int ct_woken(void);

// Columns that the C library gives a character, -1 for those that do not print.
int ct_width(uint32_t scalar);
