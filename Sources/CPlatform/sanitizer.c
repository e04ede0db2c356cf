// Options for builds with a sanitizer (scripts/sanitizers.sh). They are compiled in because tests start the program with its
// own environment, without ASAN_OPTIONS or TSAN_OPTIONS.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// Leaks are not reported: a command exits or executes another program without freeing what it still uses. The limit of
// core files stays the caller's, because tests compare it.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0:disable_coredump=0"; }
#endif
#if __has_feature(thread_sanitizer)
// On Linux, the Thread Sanitizer does not see the locks of Swift's Mutex, and reports what they guard.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) { return "race:Connector+BuiltIn.swift\n"; }
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "disable_coredump=0"; }
#endif
#endif
