/* Loaded into a server before the C library (LD_PRELOAD): its wall clock is the machine's plus the seconds that the file named
 * by REDIS_GEO_TEST_CLOCK holds (8 bytes, this machine's order), which a test changes while the server runs. Its monotonic clock
 * is left alone, as it is when a real clock jumps. libfaketime does the same, but ends in a loop with the servers' jemalloc.
 * No header is included, so that the smallest of compilers does. */

#if defined(__x86_64__)
#define CLOCK_GETTIME 228
#elif defined(__aarch64__)
#define CLOCK_GETTIME 113
#else
#error "the number of clock_gettime is not known for this machine"
#endif

struct moment { long seconds, part; };

extern long syscall(long number, ...);
extern char *getenv(const char *name);
extern int open(const char *path, int flags, ...);
extern void *mmap(void *where, unsigned long length, int protection, int flags, int file, long offset);

static volatile long *shared;

static long ahead(void)
{
    if (!shared) {
        const char *path = getenv("REDIS_GEO_TEST_CLOCK");
        int file = path ? open(path, 0) : -1;
        void *found = file < 0 ? (void *)-1 : mmap(0, 8, 1, 1, file, 0);
        if (found == (void *)-1)
            return 0;
        shared = found;
    }
    return *shared;
}

int clock_gettime(int which, struct moment *result)
{
    int status = (int)syscall(CLOCK_GETTIME, which, result);
    if (!status && (which == 0 || which == 5)) /* CLOCK_REALTIME, and the coarse one */
        result->seconds += ahead();
    return status;
}

int gettimeofday(struct moment *result, void *zone)
{
    (void)zone;
    if (clock_gettime(0, result))
        return -1;
    result->part /= 1000;
    return 0;
}

long time(long *result)
{
    struct moment now;
    if (clock_gettime(0, &now))
        return -1;
    if (result)
        *result = now.seconds;
    return now.seconds;
}
