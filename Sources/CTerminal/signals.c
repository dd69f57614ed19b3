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
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int watched[] = {SIGWINCH, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct sigaction previous[NSIG];
static struct sigaction previous_fault[NSIG];
static int pipe_ends[2] = {-1, -1};
static atomic_int wake_descriptor = -1;
static volatile sig_atomic_t ours;
static volatile sig_atomic_t unanswered;
static volatile sig_atomic_t continued;
static volatile sig_atomic_t file_limit_met;
static atomic_int asked;
static atomic_int insisted;
static atomic_int held;

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

// Every signal that ends a process unless it is handled, but KILL and the faults: those of the
// keyboard and of batch systems, timers, and all real-time ones.
static int asks_to_end(int number) {
  switch (number) {
    case SIGHUP: case SIGINT: case SIGQUIT: case SIGTERM: case SIGUSR1: case SIGUSR2: case SIGXCPU:
    case SIGALRM: case SIGVTALRM: case SIGPROF: case SIGIO: case SIGPWR: case SIGSYS:
#ifdef SIGSTKFLT
    case SIGSTKFLT:
#endif
      return 1;
    default: return number >= SIGRTMIN && number <= SIGRTMAX;
  }
}

// A person is impatient; batch systems just repeat themselves.
static int insists(int number) { return number == SIGINT || number == SIGQUIT; }

static void end_now(int number) {
  ct_restore();
  _exit(128 + number);
}

static void on_nothing(int number) { (void)number; }

static void on_file_limit(int number) {
  (void)number;
  file_limit_met = 1;
}

int64_t ct_file_limit_met(void) {
  struct rlimit limit;
  if (!file_limit_met || getrlimit(RLIMIT_FSIZE, &limit) != 0) return -1;
  return limit.rlim_cur == RLIM_INFINITY ? -1 : (int64_t)limit.rlim_cur;
}

static void on_signal(int number) {
  int error = errno;
  if (number == SIGCONT) continued = 1;
  // A loop that no longer reads its signals must still be endable from outside.
  if (insists(number) && ++unanswered > 3) end_now(number);
  unsigned char byte = (unsigned char)number;
  ssize_t ignored = write(pipe_ends[1], &byte, 1);
  (void)ignored;
  errno = error;
}

static void on_end(int number) {
  ct_ask_to_end(number);
  if (insists(number) && atomic_fetch_add(&insisted, 1) > 1 && !atomic_load(&held)) end_now(number);
}

static void on_fatal(int number, siginfo_t *info, void *context) {
  (void)context;
  ct_restore();
  // Swift's backtrace would wait half a minute for a key.
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing > 0) dup2(nothing, STDIN_FILENO);
  sigaction(number, &previous_fault[number], NULL);
  // A fault happens again on return, now under the previous handler (Swift's backtrace) with the
  // registers of the fault. What does not happen again by itself is raised here.
  int sent = info->si_code <= 0 || number == SIGABRT;
#ifdef SI_KERNEL
  sent = sent || (number == SIGTRAP && info->si_code == SI_KERNEL);
#endif
  if (!sent) return;
  raise(number);
  // The backtrace expects the fault to happen again.
  signal(number, SIG_DFL);
  raise(number);
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

static void handle(int number, void (*handler)(int), struct sigaction *before) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, before);
}

// Whoever started this process may have had it ignore a signal, as nohup does.
static int is_ignored(int number) {
  struct sigaction now;
  return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void ct_watch_faults(void) {
  static atomic_int done;
  if (atomic_exchange(&done, 1)) return;
  atexit(ct_restore);
  provide_stack();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_sigaction = on_fatal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigset_t all;
  sigemptyset(&all);
  sigaddset(&all, SIGXFSZ);
  for (int i = 0; i < COUNT(fatal); i++) {
    sigaction(fatal[i], &action, &previous_fault[fatal[i]]);
    sigaddset(&all, fatal[i]);
  }
  // Whoever started this process may have handed blocked signals on.
  pthread_sigmask(SIG_UNBLOCK, &all, NULL);
  // A handler, not SIG_IGN, so that programs started from here are not changed: the write fails.
  handle(SIGXFSZ, on_file_limit, NULL);
}

void ct_watch_end(void) {
  sigset_t all;
  sigemptyset(&all);
  for (int number = 1; number < NSIG; number++) {
    if (!asks_to_end(number) || is_ignored(number)) continue;
    sigaddset(&all, number);
    handle(number, on_end, NULL);
  }
  if (!is_ignored(SIGPIPE)) handle(SIGPIPE, on_nothing, NULL);
  // A program that starts others from a thread pool hands its blocked signals on.
  pthread_sigmask(SIG_UNBLOCK, &all, NULL);
}

void ct_ask_to_end(int number) {
  int nobody = 0;
  atomic_compare_exchange_strong(&asked, &nobody, number);
}

int ct_asked_to_end(void) { return atomic_load(&asked); }

void ct_hold_end(int on) { atomic_store(&held, on); }

int ct_install_signals(void) {
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) return 0;
  if (ct_wake_descriptor() < 0) return 0;
  ct_watch_faults();
  unanswered = 0;
  for (int i = 0; i < COUNT(watched); i++) handle(watched[i], on_signal, &previous[watched[i]]);
  for (int number = 1; number < NSIG; number++)
    if (asks_to_end(number)) handle(number, on_signal, &previous[number]);
  handle(SIGPIPE, on_nothing, &previous[SIGPIPE]);
  return 1;
}

void ct_remove_signals(void) {
  for (int i = 0; i < COUNT(watched); i++) sigaction(watched[i], &previous[watched[i]], NULL);
  for (int number = 1; number < NSIG; number++)
    if (asks_to_end(number)) sigaction(number, &previous[number], NULL);
  sigaction(SIGPIPE, &previous[SIGPIPE], NULL);
  while (ct_next_signal() != 0) {}
}

static void pass(int milliseconds) {
  struct timespec time = {.tv_sec = 0, .tv_nsec = milliseconds * 1000000L};
  nanosleep(&time, NULL);
}

// In a process of its own: whether a shell takes the terminal back from the stopped group. Where
// nobody does, the group would be stopped for ever.
static void guard_stop(int descriptor, pid_t group) {
  setpgid(0, 0);
  for (int i = 0; i < 50; i++) {
    pass(20);
    if (tcgetpgrp(descriptor) != group) _exit(0);
  }
  kill(-group, SIGCONT);
  _exit(1);
}

// Only async-signal-safe functions after fork: other threads may hold any lock.
static pid_t start_guard(int descriptor) {
  pid_t group = getpgrp(), guard = fork();
  if (guard == 0) guard_stop(descriptor, group);
  if (guard > 0) setpgid(guard, guard);
  return guard;
}

int ct_can_stop(int descriptor) {
  // A shell that starts a program with SIGTSTP ignored has no jobs to continue.
  if (previous[SIGTSTP].sa_handler == SIG_IGN) return 0;
  // No shell of this session is above it, or this is not the terminal it would stop from.
  return getsid(getppid()) == getsid(0) && tcgetpgrp(descriptor) == getpgrp();
}

int ct_stop(int descriptor) {
  struct sigaction handler;
  pid_t guard = start_guard(descriptor);
  if (guard < 0) return 0;
  continued = 0;
  handle(SIGTSTP, SIG_DFL, &handler);
  // As the terminal would: the whole group, so that a shell waiting for another of it hears too. The
  // system does nothing where the group has no parent of its session.
  kill(0, SIGTSTP);
  for (int i = 0; i < 40 && !continued; i++) pass(5);
  sigaction(SIGTSTP, &handler, NULL);
  int status = 0, was_stopped = continued;
  kill(guard, SIGKILL);
  while (waitpid(guard, &status, 0) < 0 && errno == EINTR) {}
  return was_stopped && !(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int ct_signal_descriptor(void) { return pipe_ends[0]; }

int ct_next_signal(void) {
  unsigned char byte;
  if (pipe_ends[0] < 0 || read(pipe_ends[0], &byte, 1) != 1) return 0;
  if (insists(byte)) unanswered = 0;
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
