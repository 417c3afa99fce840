// Preloaded: each look at the wall clock finds it an hour earlier than the one before. The other clocks stay as they are.
#define _GNU_SOURCE
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static atomic_long looks;
    long result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) {
        time->tv_sec -= 3600 * (atomic_fetch_add(&looks, 1) + 1);
    }
    return (int)result;
}
