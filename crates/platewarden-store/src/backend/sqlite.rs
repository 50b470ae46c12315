//! SQLite: one file, WAL, one writer, any number of readers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, params};
use rusqlite_migration::{M, Migrations};

use super::{Backend, Batch, Class, EpochBatch, EpochRow, HoldRow, ReadRow, ReceiptRow, Usage};
use crate::keys::Fingerprint;
use crate::{Error, ErrorKind, Result};

/// Every version of the schema, oldest first. A version that was released is never changed.
const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("schema-1.sql"))];

const PUT_RECEIPT: &str = "INSERT INTO receipt (number, body, traced) VALUES (?1, ?2, ?3)";

/// A database file, or one in memory.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    path: Option<PathBuf>,
}

impl Sqlite {
    /// Opens a database file for writing, and makes it where it does not exist.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut connection =
            Connection::open(path).map_err(|source| failed("open the database", source))?;
        prepare(&mut connection)?;
        Ok(Self {
            connection,
            path: Some(path.to_owned()),
        })
    }

    /// A database that is gone with the process and never touches a device.
    pub(crate) fn in_memory() -> Result<Self> {
        let mut connection =
            Connection::open_in_memory().map_err(|source| failed("open a database", source))?;
        prepare(&mut connection)?;
        Ok(Self {
            connection,
            path: None,
        })
    }

    /// Another connection to the same file, for reading.
    pub(crate) fn reader(path: &Path) -> Result<Self> {
        let connection =
            Connection::open(path).map_err(|source| failed("open the database", source))?;
        settings(&connection)?;
        Ok(Self {
            connection,
            path: Some(path.to_owned()),
        })
    }

    fn transaction(&mut self) -> Result<Transaction<'_>> {
        self.connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(|source| failed("begin a write", source))
    }
}

fn settings(connection: &Connection) -> Result<()> {
    let set = || {
        connection.busy_timeout(Duration::from_secs(5))?;
        // Deleted bytes are overwritten in the file; the log is truncated after a sweep.
        connection.pragma_update(None, "secure_delete", "ON")?;
        // An acknowledged write survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Nothing of a query is spilled into files.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -64_000)?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    };
    set().map_err(|source| failed("set the database up", source))
}

fn prepare(connection: &mut Connection) -> Result<()> {
    settings(connection)?;
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .map_err(|source| failed("set the database up", source))?;
    Migrations::from_slice(MIGRATIONS)
        .to_latest(connection)
        .map_err(|error| match error {
            rusqlite_migration::Error::MigrationDefinition(
                rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
            ) => Error::new(
                ErrorKind::NewerSchema,
                "the database was written by a newer version of this crate",
                "open it with that version or a later one; nothing was changed",
            ),
            rusqlite_migration::Error::RusqliteError { err, .. } => {
                failed("set the database up", err)
            }
            other => Error::new(
                ErrorKind::Database,
                "cannot set the database up",
                "see the cause",
            )
            .with_source(other),
        })
}

fn failed(action: &str, source: rusqlite::Error) -> Error {
    let (kind, remedy) = match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (
            ErrorKind::Full,
            "make room on the device and try again; nothing that was acknowledged is lost",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            ErrorKind::ReadOnly,
            "run as the owner of the store's folder, on a file system that can be written",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            ErrorKind::Locked,
            "stop the other process that has the database, or search through it",
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => (
            ErrorKind::Corrupt,
            "keep a copy of the file, then restore the last backup; keys destroyed since stay destroyed",
        ),
        Some(ErrorCode::CannotOpen) => (
            ErrorKind::Io,
            "check that the folder exists and can be entered",
        ),
        Some(ErrorCode::SystemIoFailure) => (ErrorKind::Io, "check the device"),
        _ => (ErrorKind::Database, "see the cause"),
    };
    Error::new(kind, format!("cannot {action}"), remedy).with_source(source)
}

fn unsigned(row: &Row<'_>, at: usize) -> rusqlite::Result<u32> {
    row.get(at)
}

fn epoch_of(row: &Row<'_>) -> rusqlite::Result<EpochRow> {
    let class: i64 = row.get(4)?;
    let fingerprint: [u8; 16] = row.get(7)?;
    Ok(EpochRow {
        id: unsigned(row, 0)?,
        dataset: unsigned(row, 1)?,
        start: row.get(2)?,
        length: row.get(3)?,
        class: Class::of_number(class).ok_or(rusqlite::Error::IntegralValueOutOfRange(4, class))?,
        closing: row.get(5)?,
        key_name: row.get(6)?,
        fingerprint: Fingerprint(fingerprint),
        reads: row.get::<_, i64>(8)?.cast_unsigned(),
        plates: unsigned(row, 9)?,
        chunks: unsigned(row, 10)?,
        oldest: row.get(11)?,
        newest: row.get(12)?,
    })
}

fn read_of(row: &Row<'_>) -> rusqlite::Result<ReadRow> {
    Ok(ReadRow {
        plate: unsigned(row, 0)?,
        tag: row.get(1)?,
        seq: row.get(2)?,
        sealed: row.get(3)?,
    })
}

fn put_epoch(transaction: &Transaction<'_>, batch: &EpochBatch) -> rusqlite::Result<()> {
    let epoch = &batch.epoch;
    if batch.is_new {
        transaction
            .prepare_cached(
                "INSERT INTO epoch (id, dataset, start, length, class, closing, key_name, fingerprint, reads, plates, \
                 chunks, oldest, newest) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, 0, 0, 0, ?8, ?9)",
            )?
            .execute(params![
                epoch.id,
                epoch.dataset,
                epoch.start,
                epoch.length,
                epoch.class.number(),
                epoch.key_name,
                epoch.fingerprint.0,
                epoch.oldest,
                epoch.newest
            ])?;
    }
    Ok(())
}

fn write_epoch(transaction: &Transaction<'_>, batch: &EpochBatch) -> rusqlite::Result<u64> {
    put_epoch(transaction, batch)?;
    let epoch = &batch.epoch;
    let mut gained = 0;
    let mut insert = transaction.prepare_cached(
        "INSERT OR IGNORE INTO read (epoch, plate, tag, seq, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for read in &batch.reads {
        gained += insert.execute(params![
            epoch.id,
            read.plate,
            read.tag,
            read.seq,
            read.sealed
        ])? as u64;
    }
    let mut insert = transaction
        .prepare_cached("INSERT OR IGNORE INTO posting (epoch, tag, plate) VALUES (?1, ?2, ?3)")?;
    for (tag, plate) in &batch.postings {
        insert.execute(params![epoch.id, tag, plate])?;
    }
    if let Some(chunk) = &batch.chunk {
        transaction
            .prepare_cached("INSERT INTO dictionary (epoch, chunk, sealed) VALUES (?1, ?2, ?3)")?
            .execute(params![epoch.id, epoch.chunks, chunk])?;
    }
    transaction
        .prepare_cached(
            "UPDATE epoch SET reads = reads + ?2, plates = plates + ?3, chunks = chunks + ?4, \
             oldest = min(oldest, ?5), newest = max(newest, ?6) WHERE id = ?1",
        )?
        .execute(params![
            epoch.id,
            gained.cast_signed(),
            batch.new_plates,
            u32::from(batch.chunk.is_some()),
            epoch.oldest,
            epoch.newest
        ])?;
    Ok(gained)
}

fn write_all(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<Vec<u64>> {
    for (id, sealed) in &batch.origins {
        transaction
            .prepare_cached("INSERT INTO origin (id, sealed) VALUES (?1, ?2)")?
            .execute(params![id, sealed])?;
    }
    let gained = batch
        .epochs
        .iter()
        .map(|epoch| write_epoch(transaction, epoch))
        .collect();
    for (key, value) in &batch.meta {
        put_meta(transaction, key, value)?;
    }
    gained
}

fn put_meta(connection: &Connection, key: &str, value: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, value])
        .map(|_| ())
}

impl Sqlite {
    fn all<T>(
        &self,
        action: &str,
        sql: &str,
        parameters: impl rusqlite::Params,
        each: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let run = || -> rusqlite::Result<Vec<T>> {
            self.connection
                .prepare_cached(sql)?
                .query_map(parameters, each)?
                .collect()
        };
        run().map_err(|source| failed(action, source))
    }

    fn execute(&self, action: &str, sql: &str, parameters: impl rusqlite::Params) -> Result<()> {
        let run = || self.connection.prepare_cached(sql)?.execute(parameters);
        run().map(|_| ()).map_err(|source| failed(action, source))
    }
}

impl Backend for Sqlite {
    fn meta(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        self.connection
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|source| failed("read the database", source))
    }

    fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<()> {
        put_meta(&self.connection, key, value)
            .map_err(|source| failed("write the database", source))
    }

    fn datasets(&mut self) -> Result<Vec<(u32, String)>> {
        self.all(
            "read the datasets",
            "SELECT id, body FROM dataset ORDER BY id",
            [],
            |row| Ok((unsigned(row, 0)?, row.get(1)?)),
        )
    }

    fn put_dataset(&mut self, id: u32, body: &str) -> Result<()> {
        self.execute(
            "write a dataset",
            "INSERT INTO dataset (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            params![id, body],
        )
    }

    fn origins(&mut self) -> Result<Vec<(u32, Vec<u8>)>> {
        self.all(
            "read the cameras",
            "SELECT id, sealed FROM origin ORDER BY id",
            [],
            |row| Ok((unsigned(row, 0)?, row.get(1)?)),
        )
    }

    fn epochs(&mut self) -> Result<Vec<EpochRow>> {
        self.all(
            "read the epochs",
            "SELECT id, dataset, start, length, class, closing, key_name, fingerprint, reads, plates, chunks, oldest, \
             newest FROM epoch ORDER BY id",
            [],
            epoch_of,
        )
    }

    fn last_seq(&mut self) -> Result<i64> {
        let last = self.meta("seq")?;
        Ok(last
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, i64::from_le_bytes))
    }

    fn write(&mut self, batch: &Batch) -> Result<Vec<u64>> {
        let transaction = self.transaction()?;
        let gained =
            write_all(&transaction, batch).map_err(|source| failed("write reads", source))?;
        transaction
            .commit()
            .map_err(|source| failed("write reads", source))?;
        Ok(gained)
    }

    fn plates(&mut self, epoch: u32, tags: &[i64]) -> Result<Vec<u32>> {
        let mut plates = Vec::new();
        for tag in tags {
            plates.extend(self.all(
                "look a plate up",
                "SELECT plate FROM posting WHERE epoch = ?1 AND tag = ?2",
                params![epoch, tag],
                |row| unsigned(row, 0),
            )?);
        }
        Ok(plates)
    }

    fn reads(&mut self, epoch: u32, plate: u32, up_to: i64) -> Result<Vec<ReadRow>> {
        self.all(
            "read rows",
            "SELECT plate, tag, seq, sealed FROM read WHERE epoch = ?1 AND plate = ?2 AND seq <= ?3",
            params![epoch, plate, up_to],
            read_of,
        )
    }

    fn read(&mut self, epoch: u32, plate: u32, tag: i64) -> Result<Option<ReadRow>> {
        let found = self.all(
            "read a row",
            "SELECT plate, tag, seq, sealed FROM read WHERE epoch = ?1 AND plate = ?2 AND tag = ?3",
            params![epoch, plate, tag],
            read_of,
        )?;
        Ok(found.into_iter().next())
    }

    fn all_reads(
        &mut self,
        epoch: u32,
        up_to: i64,
        each: &mut dyn FnMut(ReadRow) -> Result<()>,
    ) -> Result<()> {
        let wrong = |source| failed("read rows", source);
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT plate, tag, seq, sealed FROM read WHERE epoch = ?1 AND seq <= ?2",
            )
            .map_err(wrong)?;
        let mut rows = statement.query(params![epoch, up_to]).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            each(read_of(row).map_err(wrong)?)?;
        }
        Ok(())
    }

    fn chunks(&mut self, epoch: u32, from: u32) -> Result<Vec<(u32, Vec<u8>)>> {
        self.all(
            "read a dictionary",
            "SELECT chunk, sealed FROM dictionary WHERE epoch = ?1 AND chunk >= ?2 ORDER BY chunk",
            params![epoch, from],
            |row| Ok((unsigned(row, 0)?, row.get(1)?)),
        )
    }

    fn delete_reads(&mut self, epoch: u32, rows: &[(u32, i64)]) -> Result<()> {
        let transaction = self.transaction()?;
        let run = || -> rusqlite::Result<()> {
            let mut delete = transaction
                .prepare_cached("DELETE FROM read WHERE epoch = ?1 AND plate = ?2 AND tag = ?3")?;
            let mut gone = 0;
            for (plate, tag) in rows {
                gone += delete.execute(params![epoch, plate, tag])?;
            }
            transaction
                .prepare_cached("UPDATE epoch SET reads = reads - ?2 WHERE id = ?1")?
                .execute(params![epoch, gone as i64])
                .map(|_| ())
        };
        run().map_err(|source| failed("delete rows", source))?;
        transaction
            .commit()
            .map_err(|source| failed("delete rows", source))
    }

    fn close_epoch(&mut self, epoch: u32) -> Result<()> {
        self.execute(
            "close an epoch",
            "UPDATE epoch SET closing = 1 WHERE id = ?1",
            [epoch],
        )
    }

    fn erase_epoch(&mut self, epoch: u32, receipt: &ReceiptRow) -> Result<()> {
        let transaction = self.transaction()?;
        let run = || -> rusqlite::Result<()> {
            for table in ["read", "posting", "dictionary"] {
                transaction.execute(&format!("DELETE FROM {table} WHERE epoch = ?1"), [epoch])?;
            }
            transaction.execute("DELETE FROM epoch WHERE id = ?1", [epoch])?;
            transaction
                .execute(
                    PUT_RECEIPT,
                    params![receipt.number.cast_signed(), receipt.body, receipt.traced],
                )
                .map(|_| ())
        };
        run().map_err(|source| failed("delete an epoch", source))?;
        transaction
            .commit()
            .map_err(|source| failed("delete an epoch", source))
    }

    fn put_receipt(&mut self, receipt: &ReceiptRow) -> Result<()> {
        let row = params![receipt.number.cast_signed(), receipt.body, receipt.traced];
        self.execute("write a receipt", PUT_RECEIPT, row)
    }

    fn receipts(&mut self) -> Result<Vec<ReceiptRow>> {
        self.all(
            "read the receipts",
            "SELECT number, body, traced FROM receipt ORDER BY number",
            [],
            |row| {
                let number: i64 = row.get(0)?;
                Ok(ReceiptRow {
                    number: number.cast_unsigned(),
                    body: row.get(1)?,
                    traced: row.get(2)?,
                })
            },
        )
    }

    fn receipt_traced(&mut self, number: u64) -> Result<()> {
        self.execute(
            "mark a receipt",
            "UPDATE receipt SET traced = 1 WHERE number = ?1",
            [number.cast_signed()],
        )
    }

    fn holds(&mut self) -> Result<Vec<HoldRow>> {
        self.all(
            "read the holds",
            "SELECT id, epoch, ended, sealed FROM hold ORDER BY id",
            [],
            |row| {
                Ok(HoldRow {
                    id: unsigned(row, 0)?,
                    epoch: unsigned(row, 1)?,
                    ended: row.get(2)?,
                    sealed: row.get(3)?,
                })
            },
        )
    }

    fn put_hold(&mut self, hold: &HoldRow, batch: &Batch) -> Result<()> {
        let transaction = self.transaction()?;
        let run = || -> rusqlite::Result<()> {
            write_all(&transaction, batch)?;
            transaction
                .execute(
                    "INSERT INTO hold (id, epoch, ended, sealed) VALUES (?1, ?2, ?3, ?4)",
                    params![hold.id, hold.epoch, hold.ended, hold.sealed],
                )
                .map(|_| ())
        };
        run().map_err(|source| failed("write a hold", source))?;
        transaction
            .commit()
            .map_err(|source| failed("write a hold", source))
    }

    fn end_hold(&mut self, hold: u32) -> Result<()> {
        self.execute(
            "end a hold",
            "UPDATE hold SET ended = 1 WHERE id = ?1",
            [hold],
        )
    }

    fn truncate_log(&mut self) -> Result<()> {
        if self.path.is_none() {
            return Ok(());
        }
        let busy: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|source| failed("truncate the write-ahead log", source))?;
        if busy != 0 {
            return Err(Error::new(
                ErrorKind::Locked,
                "a reader keeps the write-ahead log from being truncated",
                "sweep again when no search is running; the key is destroyed already",
            ));
        }
        Ok(())
    }

    fn usage(&mut self) -> Result<Usage> {
        let bytes: i64 = self
            .connection
            .query_row(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
                [],
                |row| row.get(0),
            )
            .map_err(|source| failed("measure the database", source))?;
        Ok(Usage {
            bytes: bytes.cast_unsigned(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    /// A device with no room for another page.
    #[test]
    fn a_full_device_is_told_and_what_was_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Sqlite::open(&folder.path().join("reads.sqlite")).unwrap();
        database.set_meta("kept", b"yes").unwrap();
        let pages: u32 = database
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        database
            .connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
        let error = database.set_meta("large", &[7; 100_000]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Full);
        assert!(error.remedy().contains("make room"));
        assert_eq!(database.meta("kept").unwrap().as_deref(), Some(&b"yes"[..]));
        assert_eq!(database.meta("large").unwrap(), None);
    }
}
