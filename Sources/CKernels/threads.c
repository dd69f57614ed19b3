#define _GNU_SOURCE
#include "ckernels.h"

#if defined(__linux__)
#include <sched.h>
#endif
#include <unistd.h>

static long limit = 0;

long ck_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? count : 1;
}

long ck_threads(void) {
  long now = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  return now > 0 ? now : ck_processors();
}

void ck_set_threads(long count) { __atomic_store_n(&limit, count, __ATOMIC_RELAXED); }
long ck_next(long *counter) { return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }
