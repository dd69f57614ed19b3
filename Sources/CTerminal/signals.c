// Signals become bytes in a pipe; fatal ones first give the terminal back.
#include "cterminal.h"
#include "restoring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int watched[] = {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct sigaction previous[NSIG];
static int pipe_ends[2] = {-1, -1};
static atomic_int wake_descriptor = -1;
static volatile sig_atomic_t ours;
static volatile sig_atomic_t unanswered;

static int terminal = -1;
static struct termios saved_modes;
static char restoring[1024];
static size_t restoring_length;

void ct_remember(int descriptor, const struct termios *saved, const char *bytes, size_t length) {
  terminal = descriptor;
  saved_modes = *saved;
  restoring_length = length < sizeof restoring ? length : sizeof restoring;
  memcpy(restoring, bytes, restoring_length);
  ours = 1;
}

void ct_forget(void) { ours = 0; }

int ct_is_ours(void) { return ours; }

void ct_restore(void) {
  if (!ours) return;
  ours = 0;
  int error = errno;
  size_t done = 0;
  while (done < restoring_length) {
    ssize_t written = write(terminal, restoring + done, restoring_length - done);
    if (written <= 0 && errno != EINTR) break;
    if (written > 0) done += (size_t)written;
  }
  tcsetattr(terminal, TCSANOW, &saved_modes);
  errno = error;
}

static int asks_to_end(int number) {
  return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

static void on_signal(int number) {
  int error = errno;
  // A loop that no longer reads its signals must still be endable from outside.
  if (asks_to_end(number) && ++unanswered > 3) {
    ct_restore();
    signal(number, SIG_DFL);
    raise(number);
  }
  unsigned char byte = (unsigned char)number;
  ssize_t ignored = write(pipe_ends[1], &byte, 1);
  (void)ignored;
  errno = error;
}

static void on_fatal(int number, siginfo_t *info, void *context) {
  (void)context;
  ct_restore();
  sigaction(number, &previous[number], NULL);
  // A fault happens again on return, now under the previous handler (Swift's backtrace) with the
  // registers of the fault. What does not happen again by itself is raised here.
  int sent = info->si_code <= 0 || number == SIGABRT;
#ifdef SI_KERNEL
  sent = sent || (number == SIGTRAP && info->si_code == SI_KERNEL);
#endif
  if (sent) raise(number);
}

// A stack overflow leaves no room for a handler on the stack that overflowed.
static void provide_stack(void) {
  static char room[64 * 1024];
  stack_t now;
  if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE)) {
    stack_t mine = {.ss_sp = room, .ss_size = sizeof room};
    sigaltstack(&mine, NULL);
  }
}

int ct_install_signals(void) {
  static int registered;
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) return 0;
  if (ct_wake_descriptor() < 0) return 0;
  if (!registered) registered = atexit(ct_restore) == 0;
  provide_stack();
  unanswered = 0;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (int i = 0; i < COUNT(watched); i++) sigaction(watched[i], &action, &previous[watched[i]]);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, &previous[SIGPIPE]);
  action.sa_sigaction = on_fatal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int i = 0; i < COUNT(fatal); i++) sigaction(fatal[i], &action, &previous[fatal[i]]);
  return 1;
}

void ct_remove_signals(void) {
  for (int i = 0; i < COUNT(watched); i++) sigaction(watched[i], &previous[watched[i]], NULL);
  for (int i = 0; i < COUNT(fatal); i++) sigaction(fatal[i], &previous[fatal[i]], NULL);
  sigaction(SIGPIPE, &previous[SIGPIPE], NULL);
  while (ct_next_signal() != 0) {}
}

int ct_signal_descriptor(void) { return pipe_ends[0]; }

int ct_next_signal(void) {
  unsigned char byte;
  if (pipe_ends[0] < 0 || read(pipe_ends[0], &byte, 1) != 1) return 0;
  if (asks_to_end(byte)) unanswered = 0;
  return byte;
}

// Made once and never closed: another thread may be about to write to it.
int ct_wake_descriptor(void) {
  int present = atomic_load(&wake_descriptor);
  if (present >= 0) return present;
  int made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int expected = -1;
  if (made >= 0 && !atomic_compare_exchange_strong(&wake_descriptor, &expected, made)) {
    close(made);
    return expected;
  }
  return made;
}

void ct_wake(void) {
  uint64_t one = 1;
  int descriptor = ct_wake_descriptor();
  if (descriptor < 0) return;
  ssize_t ignored = write(descriptor, &one, sizeof one);
  (void)ignored;
}

int ct_woken(void) {
  uint64_t times;
  return read(ct_wake_descriptor(), &times, sizeof times) == sizeof times;
}
