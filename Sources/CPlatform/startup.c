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

// Runs before all other initializers, including those of the sanitizers and of the Swift runtime.
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

/// Whether this is an agent that another process started and that reports to it.
EARLY static int reports_to_parent(void) {
    for (int i = 1; i < argument_count; i++) {
        if (strcmp(arguments[i], "--descriptor") == 0) return 1;
    }
    return 0;
}

EARLY void platform_fail(const char *message, const char *next) {
    if (reports_to_parent()) _exit(PLATFORM_EXIT_NO_RESOURCES);
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

/// What a command needs after its start, with a margin: with less, the runtime or a library would end the process later
/// without a useful error.
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

/// The dispatch library reads /proc, and ends the process if it cannot.
EARLY static int has_proc(void) { return access("/proc/self/stat", R_OK) == 0; }

#endif

EARLY static void begin(int count, char **values, char **environment) {
    (void)environment;
    argument_count = count;
    arguments = values;
#if defined(__linux__)
    if (!has_randomness()) {
        platform_fail("no source of random numbers: getrandom fails and /dev/urandom can't be read",
                      "allow the getrandom system call in this container or sandbox, or mount /dev/urandom");
    }
    if (!has_memory()) {
        platform_fail("not enough memory: vault needs 64 MiB more than the limits of this process allow",
                      "raise the limit, for example: ulimit -v unlimited; ulimit -d unlimited");
    }
    if (!has_stack()) {
        platform_fail("not enough stack: vault needs at least 512 KiB",
                      "raise the limit, for example: ulimit -s 8192");
    }
    if (!has_files()) {
        platform_fail("the limit of open files is too low: vault needs at least 32",
                      "raise the limit, for example: ulimit -n 256");
    }
    if (!has_proc()) {
        platform_fail("/proc is not mounted: can't read /proc/self/stat",
                      "mount -t proc proc /proc");
    }
#endif
}

#if defined(__GLIBC__)
// Runs before the initializers of all libraries. glibc passes the arguments of main, in static programs too.
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = begin;
#elif defined(__APPLE__)
__attribute__((constructor)) static void first(int count, char **values, char **environment) {
    begin(count, values, environment);
}
#endif
