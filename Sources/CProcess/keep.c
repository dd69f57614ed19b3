#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cprocess.h"

// As cp_start lays them.
enum { life = 3, status = 4 };

// How long a command has to end by itself once its input has ended, and again once it was asked to.
enum { patience = 100 };

static void hear_nothing(sigset_t *children) {
  const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP};
  for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  sigemptyset(children);
  sigaddset(children, SIGCHLD);
  sigprocmask(SIG_BLOCK, children, NULL);
}

static _Noreturn void become(char *const arguments[], pid_t keeper) {
  setpgid(0, 0);
  // Should the keeper itself be killed, its command goes with it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(127);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  close(life);
  close(status);
  execvp(arguments[0], arguments);
  dprintf(2, "%s cannot be started: %s\n", arguments[0], strerror(errno));
  _exit(127);
}

// The number of a process whose parent we are, or 0.
static pid_t child_in(const char *name) {
  char path[64], text[512];
  if (name[0] < '0' || name[0] > '9' || strlen(name) > 20) return 0;
  snprintf(path, sizeof path, "/proc/%s/stat", name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  // The name in brackets may hold anything, so what follows the last one counts.
  char *rest = strrchr(text, ')');
  int parent = 0;
  if (!rest || sscanf(rest + 1, " %*c %d", &parent) != 1 || parent != getpid()) return 0;
  return (pid_t)atoi(name);
}

static void kill_children(void) {
  DIR *processes = opendir("/proc");
  if (!processes) return;
  for (struct dirent *entry; (entry = readdir(processes));) {
    pid_t child = child_in(entry->d_name);
    if (child > 0) kill(child, SIGKILL);
  }
  closedir(processes);
}

// Ends everything: what a killed process leaves behind falls to the keeper, and is next.
static _Noreturn void end_all(pid_t group) {
  for (;;) {
    if (group > 0) kill(-group, SIGKILL);
    kill_children();
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) > 0) {}
    if (ended < 0 && errno == ECHILD) _exit(0);
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  }
}

// Takes those that ended; whether the command is among them, whose status is then told.
static int has_ended(pid_t command) {
  int found = 0;
  for (;;) {
    int32_t code;
    pid_t ended = waitpid(-1, &code, WNOHANG);
    if (ended <= 0) return found;
    if (ended != command) continue;
    found = 1;
    // Whoever reads it may be gone.
    (void)!write(status, &code, sizeof code);
  }
}

// Waits for the end of the command; whether it came in time.
static int ends_within(int milliseconds, int ended, pid_t command) {
  struct pollfd asked = {.fd = ended, .events = POLLIN};
  struct timespec began, now;
  clock_gettime(CLOCK_MONOTONIC, &began);
  for (int left = milliseconds; left > 0;) {
    struct signalfd_siginfo told;
    if (poll(&asked, 1, left) > 0) (void)!read(ended, &told, sizeof told);
    if (has_ended(command)) return 1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left = milliseconds - (int)((now.tv_sec - began.tv_sec) * 1000)
      - (int)((now.tv_nsec - began.tv_nsec) / 1000000);
  }
  return 0;
}

static _Noreturn void watch(pid_t command, int ended) {
  struct pollfd asked[2] = {{.fd = life, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
  for (;;) {
    if (poll(asked, 2, -1) < 0 && errno != EINTR) end_all(command);
    struct signalfd_siginfo told;
    if (asked[1].revents) (void)!read(ended, &told, sizeof told);
    if (has_ended(command)) end_all(command);
    if (asked[0].revents) break;
  }
  // Nobody wants it any more; the end of its input says so too.
  if (!ends_within(patience, ended, command)) {
    kill(-command, SIGTERM);
    ends_within(patience, ended, command);
  }
  end_all(command);
}

_Noreturn void cp_keep(char *const arguments[]) {
  sigset_t children;
  hear_nothing(&children);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "crux-keeper");
  int ended = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  pid_t keeper = getpid();
  pid_t command = fork();
  if (command == 0) become(arguments, keeper);
  if (command < 0 || ended < 0) _exit(127);
  setpgid(command, command);
  // Only the command and its own may hold the pipes, or their end would not be seen.
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; i++) {
    if (nothing < 0 || dup2(nothing, i) < 0) close(i);
  }
  watch(command, ended);
}
