// Options of the Address sanitizer, where the program is built with it (scripts/sanitizers.sh): the tests start the
// program with an environment of its own, in which ASAN_OPTIONS would be missing.
//
// Leaks are not reported: a command exits or executes another program without releasing what it still uses. The limit of
// core files stays the caller's, because tests compare it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0:disable_coredump=0"; }
#endif
#endif
