#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cprocess.h"

enum { pipes = 5, first_free = 10 };

// The keeper's descriptors 0 to 4: which of them it reads.
static const int is_read[pipes] = {1, 0, 0, 1, 0};

static void close_all(int *descriptors) {
  for (int i = 0; i < pipes; i++) {
    if (descriptors[i] >= 0) close(descriptors[i]);
    descriptors[i] = -1;
  }
}

// Opens the pipes; ours are closed by exec, theirs lie above the numbers they are to get.
static int open_pipes(int *ours, int *theirs) {
  for (int i = 0; i < pipes; i++) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return errno;
    int low = is_read[i] ? ends[0] : ends[1];
    ours[i] = is_read[i] ? ends[1] : ends[0];
    theirs[i] = fcntl(low, F_DUPFD_CLOEXEC, first_free);
    int failure = errno;
    close(low);
    if (theirs[i] < 0) return failure;
    if (ours[i] < 3) {
      int high = fcntl(ours[i], F_DUPFD_CLOEXEC, first_free);
      failure = errno;
      close(ours[i]);
      ours[i] = high;
      if (high < 0) return failure;
    }
  }
  return 0;
}

static int spawn(
  char *const arguments[], char *const environment[], const int *theirs, pid_t *keeper) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t signals;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  for (int i = 0; i < pipes; i++) posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
  posix_spawn_file_actions_addclosefrom_np(&actions, pipes);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  // A session of its own has no terminal, so nothing in it can write to ours or hear its Ctrl-C.
  posix_spawnattr_setflags(
    &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  int failure =
    posix_spawn(keeper, "/proc/self/exe", &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}

int cp_start(char *const arguments[], char *const environment[], cp_command *command) {
  int ours[pipes], theirs[pipes];
  for (int i = 0; i < pipes; i++) ours[i] = theirs[i] = -1;
  pid_t keeper = 0;
  int failure = open_pipes(ours, theirs);
  if (!failure) failure = spawn(arguments, environment, theirs, &keeper);
  close_all(theirs);
  if (failure) {
    close_all(ours);
    return failure;
  }
  for (int i = 0; i < 3; i++) fcntl(ours[i], F_SETFL, fcntl(ours[i], F_GETFL) | O_NONBLOCK);
  *command = (cp_command){
    .keeper = keeper, .input = ours[0], .output = ours[1], .errors = ours[2], .life = ours[3],
    .status = ours[4]};
  return 0;
}

int cp_has_exited(int32_t status) { return WIFEXITED(status); }

int cp_code(int32_t status) { return WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status); }
