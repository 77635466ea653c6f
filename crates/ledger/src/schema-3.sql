-- Version 3: administrators, and the lowered limits to which they agreed.
CREATE TABLE administrator (
    name          TEXT    NOT NULL PRIMARY KEY,
    tag           BLOB    NOT NULL       -- by which the code is known again; never the code
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement (
    limits        TEXT    NOT NULL,      -- JSON of all limits, as they are asked for
    administrator TEXT    NOT NULL,
    PRIMARY KEY (limits, administrator)
) STRICT, WITHOUT ROWID;
