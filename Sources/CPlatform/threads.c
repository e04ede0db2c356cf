#include "internal.h"

#include <pthread.h>

static void *wait_for(void *gate) {
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

int platform_can_start_threads(int count) {
    enum { most = 256 };
    pthread_t threads[most];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int started = 0;
    if (count > most) count = most;
    pthread_mutex_lock(&gate);
    while (started < count && pthread_create(&threads[started], NULL, wait_for, &gate) == 0) started++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
    return started == count;
}

int platform_has_low_process_limit(void) {
#if defined(__linux__)
    // Root is exempt, and the usual limit is in the thousands.
    return geteuid() != 0 && soft_limit(RLIMIT_NPROC) < 1024;
#else
    return 0;
#endif
}
