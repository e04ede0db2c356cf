#define _GNU_SOURCE
#define __STDC_WANT_LIB_EXT1__ 1
#include "internal.h"

#include <string.h>
#include <sys/mman.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

void platform_wipe(void *start, size_t count) {
#if defined(__APPLE__)
    memset_s(start, count, 0, count);
#else
    explicit_bzero(start, count);
#endif
}

static size_t whole_pages(size_t count) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (count + page) / page * page;
}

void *platform_map(size_t count) {
    size_t size = whole_pages(count);
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    mlock(start, size);
#if defined(MADV_DONTDUMP)
    madvise(start, size, MADV_DONTDUMP);
#endif
    return start;
}

void platform_unmap(void *start, size_t count) {
    platform_wipe(start, count);
    munmap(start, whole_pages(count));
}

void platform_trim_heap(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void platform_limit_arenas(void) {
#if defined(__GLIBC__)
    if (soft_limit(RLIMIT_AS) != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
#endif
}
