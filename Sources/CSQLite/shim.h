#include <sqlite3.h>

/// `sqlite3_db_config` takes further arguments by C's `...`, which Swift cannot call: this is the one use of it here.
/// A text in double quotes is then never taken for a value, neither in statements nor in the schema.
static inline void vault_refuse_double_quoted_values(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
}

/// SQLite counts every byte that it allocates, under a lock, for a figure that nobody here asks for. Before the first use
/// of it only; C's `...` again.
static inline void vault_count_no_memory(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// Extended result codes, which are macros that Swift cannot import (sqlite.org/rescode.html).
static const int vault_ioerr_write = SQLITE_IOERR_WRITE;
static const int vault_ioerr_shmopen = SQLITE_IOERR_SHMOPEN;
static const int vault_ioerr_shmsize = SQLITE_IOERR_SHMSIZE;
static const int vault_ioerr_shmmap = SQLITE_IOERR_SHMMAP;
