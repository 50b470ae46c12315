-- Nothing here says a plate, a place or a time finer than its epoch. Names of datasets are no secret.
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE dataset (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
-- Camera and reader, sealed under a key that lives as long as the store.
CREATE TABLE origin (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE epoch (
    id INTEGER PRIMARY KEY, dataset INTEGER NOT NULL REFERENCES dataset (id), start INTEGER NOT NULL,
    length INTEGER NOT NULL, class INTEGER NOT NULL, closing INTEGER NOT NULL, key_name TEXT NOT NULL,
    fingerprint BLOB NOT NULL, reads INTEGER NOT NULL, plates INTEGER NOT NULL, chunks INTEGER NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL
);
-- Clustered by epoch, so that one sweep deletes neighbours and the day that is written stays in the cache.
CREATE TABLE posting (
    epoch INTEGER NOT NULL, tag INTEGER NOT NULL, plate INTEGER NOT NULL, PRIMARY KEY (epoch, tag, plate)
) WITHOUT ROWID;
CREATE TABLE read (
    epoch INTEGER NOT NULL, plate INTEGER NOT NULL, tag INTEGER NOT NULL, seq INTEGER NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (epoch, plate, tag)
) WITHOUT ROWID;
CREATE TABLE dictionary (
    epoch INTEGER NOT NULL, chunk INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (epoch, chunk)
) WITHOUT ROWID;
CREATE TABLE receipt (number INTEGER PRIMARY KEY, body TEXT NOT NULL, traced INTEGER NOT NULL);
CREATE TABLE hold (id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, ended INTEGER NOT NULL, sealed BLOB NOT NULL);
