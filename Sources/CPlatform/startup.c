#define _GNU_SOURCE
#include "internal.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int argument_count = -1;
static char *const *arguments;

char *const *platform_arguments(int *count) {
    *count = argument_count;
    return arguments;
}

EARLY static void say(const char *text) { platform_write_all(STDERR_FILENO, text, strlen(text)); }

EARLY static int has_option(const char *name) {
    for (int i = 1; i < argument_count && strcmp(arguments[i], "--") != 0; i++) {
        if (strcmp(arguments[i], name) == 0) return 1;
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

EARLY void platform_fail(const char *message, const char *next) {
    if (has_option("--descriptor")) _exit(PLATFORM_EXIT_NO_RESOURCES);
    int code = runs_a_command() ? 125 : 1;
    int json = has_option("--json");
    say(json ? "{\"error\":{\"code\":" : "vault: error: ");
    if (json) say(code == 1 ? "1,\"message\":\"" : "125,\"message\":\"");
    say(message);
    say(json ? "\",\"next\":\"" : "\nvault: next: ");
    say(next);
    say(json ? "\"}}\n" : "\n");
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
    int works = fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && platform_read_all(fd, &byte, 1) == 1;
    close(fd);
    return works;
}

EARLY static long random_byte(char *byte) { RETRY(long, syscall(SYS_getrandom, byte, 1, 0)); }

EARLY static int has_randomness(void) {
    char byte;
    return random_byte(&byte) == 1 || (errno == ENOSYS && has_random_device());
}

EARLY static int has_memory(void) {
    void *probe = mmap(NULL, needed_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return probe != MAP_FAILED && munmap(probe, needed_memory) == 0;
}

EARLY static void require(int is_met, const char *message, const char *next) {
    if (!is_met) platform_fail(message, next);
}

#endif

EARLY static void begin(int count, char **values, char **environment) {
    (void)environment;
    argument_count = count;
    arguments = values;
#if defined(__linux__)
    require(has_randomness(), "no source of random numbers: getrandom fails and /dev/urandom can't be read",
            "allow the getrandom system call in this container or sandbox, or mount /dev/urandom");
    require(has_memory(), "not enough memory: vault needs 64 MiB more than the limits of this process allow",
            "raise the limit, for example: ulimit -v unlimited; ulimit -d unlimited");
    require(soft_limit(RLIMIT_STACK) >= needed_stack, "not enough stack: vault needs at least 512 KiB",
            "raise the limit, for example: ulimit -s 8192");
    require(soft_limit(RLIMIT_NOFILE) >= needed_files,
            "the limit of open files is too low: vault needs at least 32",
            "raise the limit, for example: ulimit -n 256");
    // The dispatch library reads /proc, and ends the process if it cannot.
    require(access("/proc/self/stat", R_OK) == 0, "/proc is not mounted: can't read /proc/self/stat",
            "mount -t proc proc /proc");
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
