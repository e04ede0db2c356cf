// What Swift cannot call by itself: variadic system calls. One function a line of the system's manual.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include "agent.h"
#include "child.h"
#include "files.h"
#include "start.h"

/// Makes this process unreadable to others of the same user, where the system has it. Returns 0 or -1 (errno).
int platform_forbid_dumping(void);

/// Makes the terminal `fd` the controlling terminal's size `rows` by `columns`. Returns 0 or -1 (errno).
int platform_set_window_size(int fd, unsigned short rows, unsigned short columns);

/// Reads the size of the terminal `fd`. Returns 0 or -1 (errno).
int platform_get_window_size(int fd, unsigned short *rows, unsigned short *columns);

// The terminal while one prompt owns it, and signals. C, because a signal handler may run no Swift.

/// Takes the terminal `fd` for a prompt: no echo, byte by byte, ^C and ^Z still signals; HUP, INT, QUIT, TERM, TSTP
/// and CONT are caught until `platform_prompt_leave`, unless they were ignored. `bracketed` switches bracketed paste
/// on; `flush` drops what was typed before the question. Returns 0 or -1 (errno). One prompt at a time.
int platform_prompt_enter(int fd, int bracketed, int flush);

/// Gives the terminal and the signals back as they were; `flush` drops typed-ahead input. Safe to call twice.
void platform_prompt_leave(int flush);

/// Waits for input: 0 when there is some, a signal's number when one was caught, -1 on error (errno), and -2 when
/// `milliseconds` (negative: for ever) have passed.
int platform_prompt_wait(int milliseconds);

/// Reads one byte without waiting: 1, 0 at the end, -1 on error (errno), and -2 when what there was is gone again.
int platform_prompt_read(unsigned char *byte);

/// Sends `signal` to this thread and lets it take effect before returning, even where the thread holds signals back.
void platform_raise(int signal);

/// Drops what was typed on `fd` and not yet read. Returns 0 or -1 (errno).
int platform_flush_input(int fd);

/// Sets `signal` to its default, unless it is ignored. Returns 0 or -1 (errno).
int platform_default_signal(int signal);

/// Ignores `signal`. Returns 1 when it was ignored before, 0 when not, -1 on error (errno).
int platform_ignore_signal(int signal);

/// What `signal` does now: 0 its default, 1 ignored, 2 a handler, -1 on error (errno).
int platform_signal_disposition(int signal);

/// Whether others of the same user may read this process: 1, or 0 after `platform_forbid_dumping`; -1 where unknown.
int platform_is_dumpable(void);

/// Lowers the soft limit of core files to 0 and tells the former one. Returns 0 or -1 (errno).
int platform_forbid_cores(unsigned long long *former_soft);

/// Sets the soft limit of core files, for a child. Returns 0 or -1 (errno).
int platform_allow_cores(unsigned long long soft);

#endif
