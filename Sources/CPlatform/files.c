#define _GNU_SOURCE
#include "internal.h"

#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

int platform_open(const char *path, int flags, mode_t mode) { RETRY(int, open(path, flags, mode)); }
int platform_sync(int fd) { RETRY(int, fsync(fd)); }
int platform_lock(int fd, int operation) { RETRY(int, flock(fd, operation)); }
int platform_truncate(int fd, off_t length) { RETRY(int, ftruncate(fd, length)); }
int platform_set_mode(int fd, mode_t mode) { RETRY(int, fchmod(fd, mode)); }
int platform_rename(const char *from, const char *to) { RETRY(int, rename(from, to)); }
int platform_unlink(const char *path) { RETRY(int, unlink(path)); }
int platform_make_folder(const char *path, mode_t mode) { RETRY(int, mkdir(path, mode)); }
EARLY ssize_t platform_read(int fd, void *bytes, size_t count) { RETRY(ssize_t, read(fd, bytes, count)); }

static int link_file(const char *from, const char *to) { RETRY(int, link(from, to)); }

EARLY int platform_write_all(int fd, const void *bytes, size_t count) {
    const char *rest = bytes;
    while (count > 0) {
        ssize_t written = write(fd, rest, count);
        if (written < 0 && errno == EINTR) continue;
        if (written == 0) errno = EIO;
        if (written <= 0) return -1;
        rest += written;
        count -= (size_t)written;
    }
    return 0;
}

EARLY ssize_t platform_read_all(int fd, void *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t found = platform_read(fd, (char *)bytes + done, count - done);
        if (found < 0) return -1;
        if (found == 0) break;
        done += (size_t)found;
    }
    return (ssize_t)done;
}

int platform_pipe(int ends[2], int flags) {
#if defined(__linux__)
    return pipe2(ends, O_CLOEXEC | flags);
#else
    if (pipe(ends) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        while (flags != 0 && fcntl(ends[i], F_SETFL, flags) != 0 && errno == EINTR) {}
    }
    return 0;
#endif
}

int platform_set_blocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

int platform_is_read_only(int fd) {
    struct statvfs status;
    return fstatvfs(fd, &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

static int rename_to_new(const char *from, const char *to) {
#if defined(__linux__)
    RETRY(int, renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE));
#else
    RETRY(int, renamex_np(from, to, RENAME_EXCL));
#endif
}

int platform_rename_exclusive(const char *from, const char *to) {
    int result = rename_to_new(from, to);
    if (result == 0 || (errno != ENOSYS && errno != EINVAL && errno != ENOTSUP)) return result;
    result = link_file(from, to);
    if (result == 0) platform_unlink(from);
    return result;
}

int platform_sync_folder(const char *folder) {
    int fd = platform_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) return -1;
    int result = platform_sync(fd);
    if (result != 0 && (errno == EINVAL || errno == ENOTSUP)) result = 0;
    close_failed(fd);
    return result;
}
