#include <sqlite3.h>

// sqlite3_db_config and sqlite3_config are variadic, which Swift cannot call.

/// Disables double-quoted string literals in statements and in the schema (sqlite.org/quirks.html, section 8).
static inline void vault_disable_double_quoted_strings(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
}

/// Disables SQLite's memory statistics, which take a lock for each allocation. Call it before the first use of SQLite.
static inline void vault_disable_memory_statistics(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// Extended result codes (sqlite.org/rescode.html), which are macros that Swift cannot import.
static const int vault_ioerr_write = SQLITE_IOERR_WRITE;
static const int vault_ioerr_shmopen = SQLITE_IOERR_SHMOPEN;
static const int vault_ioerr_shmsize = SQLITE_IOERR_SHMSIZE;
static const int vault_ioerr_shmmap = SQLITE_IOERR_SHMMAP;
