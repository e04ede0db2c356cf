// System calls that Swift cannot make: variadic functions, macros, signal handlers, and calls that differ by platform.
//
// Functions that return 0 or -1 set errno on failure.
#pragma once

#include "agent.h"
#include "child.h"
#include "files.h"
#include "startup.h"

/// Makes this process unreadable to other processes of the same user, where the system supports it. Returns 0 or -1.
int platform_disable_dumping(void);

/// Whether other processes of the same user can read this one: 1, or 0 after `platform_disable_dumping`; -1 if unknown.
int platform_is_dumpable(void);

/// Sets the soft limit of core files to 0. Returns 0 or -1.
int platform_disable_cores(void);

/// Resets `signal` to its default action, unless it is ignored. Returns 0 or -1.
int platform_default_signal(int signal);

/// Ignores `signal`. Returns 0 or -1.
int platform_ignore_signal(int signal);

/// The action of `signal`: 0 default, 1 ignored, 2 a handler, -1 on error.
int platform_signal_disposition(int signal);

/// Gives the terminal `to` the window size of the terminal `from`. Returns 0 or -1.
int platform_copy_window_size(int from, int to);

/// The number of columns of the terminal `fd`; 0 if it is none, or its size is unknown.
int platform_columns(int fd);

// Prompts. These are in C because a signal handler must not run Swift.

/// Prepares the terminal `fd` for a prompt: no echo, byte by byte, with ^C and ^Z as signals.
///
/// Catches HUP, INT, QUIT, TERM, TSTP and CONT until `platform_prompt_leave`, except those that are ignored.
/// `bracketed` enables bracketed paste; `flush` discards input typed before the prompt. Returns 0 or -1 (EBUSY while
/// another prompt is active).
int platform_prompt_enter(int fd, int bracketed, int flush);

/// Restores the terminal and the signals; `flush` discards pending input. Does nothing without an active prompt.
void platform_prompt_leave(int flush);

/// Waits for input: 0 if there is some, the number of a caught signal, -1 on error, and -2 after `milliseconds`
/// (negative: no timeout).
int platform_prompt_wait(int milliseconds);

/// Reads one byte without blocking: 1, 0 at the end of the input, -1 on error, and -2 if no input is available.
int platform_prompt_read(unsigned char *byte);

/// Sends `signal` to this thread and lets it take effect before returning, even if the thread blocks signals.
void platform_raise(int signal);
