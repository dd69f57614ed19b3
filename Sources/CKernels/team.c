// A few threads that share the pieces of one loop at a time.
//
// A decoding step is hundreds of short loops, so the threads look for the next one for a while
// before they sleep. Nobody has to come: the caller takes every piece that no other thread takes,
// and waits only for pieces that another thread has begun. So a busy machine costs little.
#define _GNU_SOURCE
#include "ckernels.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_WORKERS = 255, MOST_PIECES = 0xffffff, PATIENCE = 1500 };

// The loop that runs: its number (32 bits), its workers (8) and the pieces nobody took (24).
static uint64_t ticket;
static uint32_t epoch;      // what idle threads sleep on
static uint32_t sleeping;   // idle threads that sleep
static uint32_t unfinished; // pieces of the loop that are not done; what the caller sleeps on
static uint32_t waiting;    // whether the caller sleeps
static uint32_t taken;      // whether a loop runs
static long threads = 1;    // the caller and those started so far
static long pieces;
static void (*work)(void *context, long index, long worker);
static void *argument;

static void pause_a_moment(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void sleep_while(uint32_t *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
}

static void wake(uint32_t *word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, 0, 0, 0);
}

static int has_work(uint64_t now, long worker) {
  return (now & MOST_PIECES) && worker < (long)(now >> 24 & MOST_WORKERS);
}

// Runs pieces until none is left.
static void run_pieces(long worker) {
  uint64_t now = __atomic_load_n(&ticket, __ATOMIC_ACQUIRE);
  while (has_work(now, worker)) {
    if (!__atomic_compare_exchange_n(&ticket, &now, now - 1, 0, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
      continue;
    // The loop cannot end before this piece does, so what describes it stays.
    work(argument, pieces - (long)(now & MOST_PIECES), worker);
    if (__atomic_sub_fetch(&unfinished, 1, __ATOMIC_SEQ_CST) == 0 &&
        __atomic_load_n(&waiting, __ATOMIC_SEQ_CST))
      wake(&unfinished, 1);
    now = __atomic_load_n(&ticket, __ATOMIC_ACQUIRE);
  }
}

static void *serve(void *number) {
  const long worker = (long)number;
  for (;;) {
    int patience = PATIENCE;
    while (patience-- && !has_work(__atomic_load_n(&ticket, __ATOMIC_ACQUIRE), worker))
      pause_a_moment();
    run_pieces(worker);
    if (patience > 0) continue;
    __atomic_fetch_add(&sleeping, 1, __ATOMIC_SEQ_CST);
    const uint32_t seen = __atomic_load_n(&epoch, __ATOMIC_SEQ_CST);
    if (!has_work(__atomic_load_n(&ticket, __ATOMIC_SEQ_CST), worker)) sleep_while(&epoch, seen);
    __atomic_fetch_sub(&sleeping, 1, __ATOMIC_SEQ_CST);
  }
  return 0;
}

static void start_threads(long count) {
  for (; threads < count; threads++) {
    pthread_t thread;
    if (pthread_create(&thread, 0, serve, (void *)threads)) return;
    pthread_detach(thread);
  }
}

static void wait_for_others(void) {
  for (int patience = PATIENCE; patience; patience--) {
    if (!__atomic_load_n(&unfinished, __ATOMIC_ACQUIRE)) return;
    pause_a_moment();
  }
  __atomic_store_n(&waiting, 1, __ATOMIC_SEQ_CST);
  uint32_t left;
  while ((left = __atomic_load_n(&unfinished, __ATOMIC_SEQ_CST))) sleep_while(&unfinished, left);
  __atomic_store_n(&waiting, 0, __ATOMIC_SEQ_CST);
}

bool ck_share(long count, long workers, void (*body)(void *context, long index, long worker),
             void *context) {
  if (count > MOST_PIECES || workers > MOST_WORKERS) return false;
  if (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE)) return false;
  start_threads(workers);
  work = body;
  argument = context;
  pieces = count;
  __atomic_store_n(&unfinished, (uint32_t)count, __ATOMIC_RELAXED);
  // A thread that came too late for the loop before may still look at it.
  const uint64_t number = (__atomic_load_n(&ticket, __ATOMIC_RELAXED) >> 32) + 1;
  const uint64_t next = number << 32 | (uint64_t)workers << 24 | (uint64_t)count;
  __atomic_store_n(&ticket, next, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&epoch, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&sleeping, __ATOMIC_SEQ_CST)) wake(&epoch, MOST_WORKERS);
  run_pieces(0);
  wait_for_others();
  __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
  return true;
}
#else
bool ck_share(long count, long workers, void (*body)(void *context, long index, long worker),
             void *context) {
  (void)count, (void)workers, (void)body, (void)context;
  return false;
}
#endif
