-- Version 4: texts that came after the close of their period and bear the day of another. No row numbers: the order of rows tells nothing.
CREATE TABLE late (
    document  TEXT    NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
