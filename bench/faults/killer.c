/* Kills the process at its so-manieth call that writes, once armed; loaded before the C library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

static long left = 0, seen = 0;

void killer_arm(long point) { left = point; seen = 0; }
long killer_seen(void) { return seen; }

static void count(void) {
    seen++;
    if (left > 0 && --left == 0) kill(getpid(), SIGKILL);
}

#define BEFORE(type, name, parameters, arguments)                                        \
    type name parameters {                                                               \
        static type (*next) parameters;                                                  \
        if (!next) next = (type (*) parameters)dlsym(RTLD_NEXT, #name);                  \
        count();                                                                         \
        return next arguments;                                                           \
    }

BEFORE(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
BEFORE(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
BEFORE(int, ftruncate64, (int fd, off64_t size), (fd, size))
BEFORE(int, ftruncate, (int fd, off_t size), (fd, size))
BEFORE(int, fdatasync, (int fd), (fd))
BEFORE(int, fsync, (int fd), (fd))
BEFORE(int, unlink, (const char *path), (path))
