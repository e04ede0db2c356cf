// Files on the disk: calls that Swift cannot make, and calls that a signal may interrupt.
#ifndef CPLATFORM_FILES_H
#define CPLATFORM_FILES_H

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
