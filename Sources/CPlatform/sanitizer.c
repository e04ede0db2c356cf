// Options of the sanitizers, where the program is built with one (scripts/sanitizers.sh). They are in the program because the
// tests start it with an environment of its own, in which ASAN_OPTIONS and TSAN_OPTIONS would be missing.
#if defined(__has_feature)

#if __has_feature(address_sanitizer)
// Leaks are not reported: a command exits or executes another program without releasing what it still uses. The limit of
// core files stays the caller's, because tests compare it.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0:disable_coredump=0"; }
#endif

#if __has_feature(thread_sanitizer)
// The Swift runtime's Mutex is not instrumented on Linux, so that the sanitizer does not see what it guards as guarded. Each
// value here is only used within `withLock`.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) { return "race:VaultMemory5Shelf\n"; }
#endif

#endif
