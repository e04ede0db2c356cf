// File operations that Swift cannot call or that must be retried when a signal interrupts them (EINTR): a wait for a
// lock, and on network and FUSE file systems any call. Functions without a comment return what the system call returns.
#pragma once

#include <sys/types.h>

int platform_open(const char *path, int flags, mode_t mode);
int platform_lock(int fd, int operation);
int platform_truncate(int fd, off_t length);
int platform_set_mode(int fd, mode_t mode);
int platform_rename(const char *from, const char *to);
int platform_unlink(const char *path);
int platform_make_folder(const char *path, mode_t mode);
ssize_t platform_read(int fd, void *bytes, size_t count);

/// Writes all of the bytes. Returns 0 or -1 (errno).
int platform_write_all(int fd, const void *bytes, size_t count);

/// Reads `count` bytes, or fewer at the end of the file. Returns their number, or -1 (errno).
ssize_t platform_read_all(int fd, void *bytes, size_t count);

/// Creates a pipe that is closed on exec at both ends. `flags` is 0 or O_NONBLOCK. Returns 0 or -1 (errno).
int platform_pipe(int ends[2], int flags);

/// Clears O_NONBLOCK. Returns 0 or -1 (errno).
int platform_set_blocking(int fd);

/// Whether the file is on a file system that is mounted read-only: 1 or 0.
int platform_is_read_only(int fd);

/// Renames `from` to `to` unless `to` exists (EEXIST). Returns 0 or -1 (errno).
///
/// Atomic where the file system supports it; elsewhere a link and an unlink, so a process that is killed in between
/// leaves both names.
int platform_rename_exclusive(const char *from, const char *to);

/// Flushes the contents of a file to the disk. Returns 0 or -1 (errno).
int platform_sync(int fd);

/// Flushes the entries of a folder to the disk. Succeeds if the file system does not support it. Returns 0 or -1
/// (errno).
int platform_sync_folder(const char *folder);
