#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// This runs before every other initializer, those of the sanitizers and of the runtime among them.
#if defined(__clang__)
#define EARLY __attribute__((disable_sanitizer_instrumentation))
#else
#define EARLY
#endif

static int argument_count = -1;
static char *const *arguments;

char *const *platform_arguments(int *count) {
    *count = argument_count;
    return argument_count < 0 ? NULL : arguments;
}

EARLY static void say(const char *text) {
    size_t rest = strlen(text);
    while (rest > 0) {
        ssize_t written = write(STDERR_FILENO, text, rest);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        rest -= (size_t)written;
    }
}

EARLY static int wants_json(void) {
    for (int i = 1; i < argument_count && strcmp(arguments[i], "--") != 0; i++) {
        if (strcmp(arguments[i], "--json") == 0) return 1;
    }
    return 0;
}

EARLY static int runs_a_command(void) {
    static const char *const names[] = {"exec", "run", "proxy"};
    for (int i = 0; i < 3 && argument_count > 1; i++) {
        if (strcmp(arguments[1], names[i]) == 0) return 1;
    }
    return 0;
}

/// Whether this is an agent that another process has started, and which tells that one what happened.
EARLY static int is_started(void) {
    for (int i = 1; i < argument_count; i++) {
        if (strcmp(arguments[i], "--descriptor") == 0) return 1;
    }
    return 0;
}

EARLY void platform_fail(const char *message, const char *next) {
    if (is_started()) _exit(PLATFORM_LACKING);
    int code = runs_a_command() ? 125 : 1;
    if (wants_json()) {
        say(code == 1 ? "{\"error\":{\"code\":1,\"message\":\"" : "{\"error\":{\"code\":125,\"message\":\"");
        say(message);
        say("\",\"next\":\"");
        say(next);
        say("\"}}\n");
    } else {
        say("vault: error: ");
        say(message);
        say("\nvault: next: ");
        say(next);
        say("\n");
    }
    _exit(code);
}

#if defined(__linux__)

/// What a command needs after its start, and some more: without it the runtime, or a library, ends the process in the
/// middle, with words of its own or with none.
enum { needed_memory = 64 << 20, needed_stack = 512 << 10, needed_files = 32 };

EARLY static int has_random_device(void) {
    char byte;
    struct stat status;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return 0;
    ssize_t count = -1;
    if (fstat(fd, &status) == 0 && S_ISCHR(status.st_mode)) {
        do {
            count = read(fd, &byte, 1);
        } while (count < 0 && errno == EINTR);
    }
    close(fd);
    return count == 1;
}

EARLY static int has_randomness(void) {
    char byte;
    long count;
    do {
        count = syscall(SYS_getrandom, &byte, 1, 0);
    } while (count < 0 && errno == EINTR);
    return count == 1 || (errno == ENOSYS && has_random_device());
}

EARLY static int has_memory(void) {
    void *probe = mmap(NULL, needed_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED) return 0;
    munmap(probe, needed_memory);
    return 1;
}

EARLY static int has_files(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed_files;
}

EARLY static int has_stack(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= needed_stack;
}

/// The dispatch library looks up its threads there, and ends the process where it cannot.
EARLY static int has_processes(void) { return access("/proc/self/stat", R_OK) == 0; }

#endif

EARLY static void begin(int count, char **values, char **environment) {
    (void)environment;
    argument_count = count;
    arguments = values;
#if defined(__linux__)
    if (!has_randomness()) {
        platform_fail("the system gives no random numbers: getrandom fails, and /dev/urandom cannot be read",
                      "allow the system call getrandom in this container or sandbox, or mount /dev/urandom");
    }
    if (!has_memory()) {
        platform_fail("not enough memory: 64 MiB more are needed than the limits of this process leave",
                      "raise the limit, for example: ulimit -v unlimited; ulimit -d unlimited");
    }
    if (!has_stack()) {
        platform_fail("not enough stack: this process may have less than 512 KiB",
                      "raise the limit, for example: ulimit -s 8192");
    }
    if (!has_files()) {
        platform_fail("this process may have fewer than 32 files open", "raise the limit, for example: ulimit -n 256");
    }
    if (!has_processes()) {
        platform_fail("the file system of processes is not mounted: there is no /proc/self/stat",
                      "mount it: mount -t proc proc /proc");
    }
#endif
}

#if defined(__GLIBC__)
// Before the initializers of all libraries; glibc passes these the arguments of main, in static programs too.
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = begin;
#elif defined(__APPLE__)
__attribute__((constructor)) static void first(int count, char **values, char **environment) {
    begin(count, values, environment);
}
#endif
