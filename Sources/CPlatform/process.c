#include "CPlatform.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

int platform_is_dumpable(void) {
#if defined(__linux__)
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
#else
    return -1;
#endif
}

static int set_signal(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL);
}

int platform_signal_disposition(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) return -1;
    if (action.sa_flags & SA_SIGINFO) return 2;
    if (action.sa_handler == SIG_DFL) return 0;
    return action.sa_handler == SIG_IGN ? 1 : 2;
}

int platform_default_signal(int number) {
    return platform_signal_disposition(number) == 1 ? 0 : set_signal(number, SIG_DFL);
}

int platform_ignore_signal(int number) {
    int before = platform_signal_disposition(number);
    if (before < 0 || set_signal(number, SIG_IGN) != 0) return -1;
    return before == 1;
}

int platform_disable_cores(unsigned long long *former_soft) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return -1;
    *former_soft = (unsigned long long)limit.rlim_cur;
    limit.rlim_cur = 0;
    return setrlimit(RLIMIT_CORE, &limit);
}

int platform_allow_cores(unsigned long long soft) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return -1;
    limit.rlim_cur = (rlim_t)soft < limit.rlim_max ? (rlim_t)soft : limit.rlim_max;
    return setrlimit(RLIMIT_CORE, &limit);
}
