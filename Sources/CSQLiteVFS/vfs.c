// A shim over SQLite's own VFS (sqlite.org/vfs.html, section 2.3) that corrects two of its results:
//
// - SQLite retries every system call that a signal interrupts (EINTR), except fsync and fdatasync: these become an I/O
//   error, and a COMMIT fails for no reason.
// - It reports a read that fails with EIO as SQLITE_IOERR_CORRUPTFS, which becomes SQLITE_CORRUPT: a disk that cannot be
//   read for a moment would pass for a file that was tampered with.
//
// Each opened file gets the methods of SQLite's own VFS with two of them replaced (sqlite.org/c3ref/io_methods.html).

#include "CSQLiteVFS.h"

#include <errno.h>
#include <sqlite3.h>

static sqlite3_vfs *base_vfs;
static const sqlite3_io_methods *base_methods;
static sqlite3_io_methods shim_methods;

static int shim_sync(sqlite3_file *file, int flags) {
    int code, reason;
    do {
        reason = 0;
        code = base_methods->xSync(file, flags);
        if (code != SQLITE_OK) base_methods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason);
    } while (code == SQLITE_IOERR_FSYNC && reason == EINTR);
    return code;
}

static int shim_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int code = base_methods->xRead(file, bytes, count, offset);
    return code == SQLITE_IOERR_CORRUPTFS ? SQLITE_IOERR_READ : code;
}

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *opened) {
    (void)vfs;
    int code = base_vfs->xOpen(base_vfs, path, file, flags, opened);
    if (code != SQLITE_OK || !file->pMethods) return code;
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    if (!base_methods) {
        base_methods = file->pMethods;
        shim_methods = *file->pMethods;
        shim_methods.xSync = shim_sync;
        shim_methods.xRead = shim_read;
    }
    // Another set of methods (a file system without locks) keeps its own.
    if (file->pMethods == base_methods) file->pMethods = &shim_methods;
    sqlite3_mutex_leave(mutex);
    return SQLITE_OK;
}

int vault_install_vfs(void) {
    static sqlite3_vfs shim;
    base_vfs = sqlite3_vfs_find(0);
    if (!base_vfs) return SQLITE_ERROR;
    shim = *base_vfs;
    shim.zName = "vault";
    shim.xOpen = shim_open;
    return sqlite3_vfs_register(&shim, 1);
}
