-- Version 2: receipts. No row numbers: the order of rows tells nothing.
CREATE TABLE receipt (
    document  TEXT    NOT NULL,
    tag       BLOB    NOT NULL,          -- by which the code is known again; never the code
    PRIMARY KEY (document, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE reply (
    document  TEXT    NOT NULL PRIMARY KEY,
    text      TEXT    NOT NULL           -- what staff answered
) STRICT, WITHOUT ROWID;

CREATE TABLE withdrawn (
    document  TEXT    NOT NULL PRIMARY KEY,
    is_erased INTEGER NOT NULL           -- 1 once table and index hold nothing of it
) STRICT, WITHOUT ROWID;
