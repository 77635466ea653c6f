-- Version 1.
CREATE TABLE checkpoint (
    source    TEXT    NOT NULL,
    sequence  INTEGER NOT NULL,          -- equals the table's application transaction once committed
    cursor    TEXT    NOT NULL,          -- JSON of the reader's position
    counts    TEXT    NOT NULL,          -- JSON of SourceCounts after this commit
    prints    TEXT    NOT NULL,          -- JSON of fingerprints: config, lexicon, model
    PRIMARY KEY (source, sequence)
) STRICT;

CREATE TABLE register (
    number    INTEGER PRIMARY KEY,       -- order of release
    key       TEXT    NOT NULL UNIQUE,   -- which cell: the same cell is released once
    entry     TEXT    NOT NULL           -- JSON of what was shown
) STRICT;

CREATE TABLE audit (
    number    INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    reader    TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    detail    TEXT    NOT NULL,          -- JSON: the query, never a document
    hash      TEXT    NOT NULL           -- BLAKE3 over the previous hash and this row
) STRICT;
