// Files on the disk: calls that Swift cannot make, and calls that are tried again when a signal interrupts them (EINTR):
// a wait for a lock can be, and on a network file system or a FUSE one each of them. They return what the call returns.
#ifndef CPLATFORM_FILES_H
#define CPLATFORM_FILES_H

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

/// Lets reads from a descriptor that was opened with O_NONBLOCK wait again. Returns 0 or -1 (errno).
int platform_wait_in_reads(int fd);

/// Whether the file is on a file system that is mounted read-only here: 1 or 0.
int platform_is_read_only(int fd);

/// Renames `from` to `to`, never over a file that is there (EEXIST). Returns 0 or -1 (errno).
///
/// One system call where the file system has it; elsewhere a link and an unlink, so that a process that is killed in
/// between leaves both names.
int platform_rename_new(const char *from, const char *to);

/// Brings the contents of a file to the disk, however often a signal interrupts that. Returns 0 or -1 (errno).
int platform_sync(int fd);

/// Brings the names in a folder to the disk; a file system that cannot is left as it is. Returns 0 or -1 (errno).
int platform_sync_folder(const char *folder);

#endif
