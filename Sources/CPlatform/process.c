#include "internal.h"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

int platform_disable_dumping(void) {
#if defined(__linux__)
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
    return 0;  // macOS: a hardened runtime already forbids it
#endif
}

int platform_is_dumpable(void) {
#if defined(__linux__)
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
#else
    return -1;
#endif
}

int platform_disable_cores(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return -1;
    limit.rlim_cur = 0;
    return setrlimit(RLIMIT_CORE, &limit);
}

int platform_signal_disposition(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) return -1;
    return action.sa_handler == SIG_DFL ? 0 : action.sa_handler == SIG_IGN ? 1 : 2;
}

int platform_ignore_signal(int number) { return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0; }

int platform_default_signal(int number) {
    return platform_signal_disposition(number) != 1 && signal(number, SIG_DFL) == SIG_ERR ? -1 : 0;
}
