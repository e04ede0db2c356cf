// A shim over SQLite's own VFS (sqlite.org/vfs.html, section 2.3) that corrects two of its results:
//
// - SQLite retries system calls that a signal interrupts (EINTR), except fsync and fdatasync: an interrupted sync is an
//   I/O error that fails a COMMIT.
// - It reports a read that fails with EIO as SQLITE_IOERR_CORRUPTFS, which becomes SQLITE_CORRUPT: a temporary read
//   error would look like tampering.
//
// Each opened file gets the methods of SQLite's own VFS with two of them replaced (sqlite.org/c3ref/io_methods.html).
// That VFS has several sets of methods, which differ in how they lock: journals and the write-ahead log have another
// set from the database.

#include "CSQLiteVFS.h"

#include <errno.h>
#include <sqlite3.h>

enum { MAX_SETS = 8 };

static sqlite3_vfs *base_vfs;
/// The methods of the first opened file. Other sets use the same xRead and xSync.
static const sqlite3_io_methods *base_methods;
static struct {
    const sqlite3_io_methods *base;
    sqlite3_io_methods shim;
} sets[MAX_SETS];
static int set_count;

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

/// Returns the shim for a set of methods, or the set itself if its xRead or xSync differ or the table is full.
static const sqlite3_io_methods *shim_of(const sqlite3_io_methods *methods) {
    for (int i = 0; i < set_count; i++) {
        if (sets[i].base == methods) return &sets[i].shim;
    }
    if (!base_methods) base_methods = methods;
    if (set_count == MAX_SETS || methods->xSync != base_methods->xSync || methods->xRead != base_methods->xRead) {
        return methods;
    }
    sets[set_count].base = methods;
    sets[set_count].shim = *methods;
    sets[set_count].shim.xSync = shim_sync;
    sets[set_count].shim.xRead = shim_read;
    return &sets[set_count++].shim;
}

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *opened) {
    (void)vfs;
    int code = base_vfs->xOpen(base_vfs, path, file, flags, opened);
    if (code != SQLITE_OK || !file->pMethods) return code;
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    file->pMethods = shim_of(file->pMethods);
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
