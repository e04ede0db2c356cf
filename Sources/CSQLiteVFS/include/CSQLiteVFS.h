#ifndef CSQLITEVFS_H
#define CSQLITEVFS_H

/// Makes `vault` SQLite's default VFS (sqlite.org/vfs.html), for every connection that is opened from then on: the
/// platform's own, which also retries interrupted syncs and reports a disk that cannot be read as an I/O error.
/// Call it once, before the first connection. Returns an SQLite result code.
int vault_install_vfs(void);

#endif
