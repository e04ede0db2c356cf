#ifndef CSQLITEVFS_H
#define CSQLITEVFS_H

/// Registers `vault` as SQLite's default VFS (sqlite.org/vfs.html): the platform's own VFS, which also retries interrupted
/// syncs and reports a failed read as an I/O error instead of corruption. Call it once, before the first connection.
/// Returns an SQLite result code.
int vault_install_vfs(void);

#endif
