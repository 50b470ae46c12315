//! PostgreSQL: a partition for each epoch, which is dropped and not deleted row by row.

use postgres::{Client, GenericClient, NoTls, Row, Transaction};

use super::{Backend, Batch, Class, EpochBatch, EpochRow, HoldRow, ReadRow, ReceiptRow, Usage};
use crate::keys::Fingerprint;
use crate::{Error, ErrorKind, Result};

/// Version of the schema that this crate writes.
const VERSION: i64 = 1;

/// Tables that have a partition for each epoch.
const PARTITIONED: [&str; 3] = ["read", "posting", "dictionary"];

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (key text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE IF NOT EXISTS dataset (id bigint PRIMARY KEY, body text NOT NULL);
CREATE TABLE IF NOT EXISTS origin (id bigint PRIMARY KEY, sealed bytea NOT NULL);
CREATE TABLE IF NOT EXISTS epoch (
    id bigint PRIMARY KEY, dataset bigint NOT NULL REFERENCES dataset (id), start bigint NOT NULL, length bigint NOT NULL,
    class bigint NOT NULL, closing boolean NOT NULL, key_name text NOT NULL, fingerprint bytea NOT NULL,
    reads bigint NOT NULL, plates bigint NOT NULL, chunks bigint NOT NULL, oldest bigint NOT NULL, newest bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS posting (
    epoch bigint NOT NULL, tag bigint NOT NULL, plate bigint NOT NULL, PRIMARY KEY (epoch, tag, plate)
) PARTITION BY LIST (epoch);
CREATE TABLE IF NOT EXISTS read (
    epoch bigint NOT NULL, plate bigint NOT NULL, tag bigint NOT NULL, seq bigint NOT NULL, sealed bytea NOT NULL,
    PRIMARY KEY (epoch, plate, tag)
) PARTITION BY LIST (epoch);
CREATE TABLE IF NOT EXISTS dictionary (
    epoch bigint NOT NULL, chunk bigint NOT NULL, sealed bytea NOT NULL, PRIMARY KEY (epoch, chunk)
) PARTITION BY LIST (epoch);
CREATE TABLE IF NOT EXISTS receipt (number bigint PRIMARY KEY, body text NOT NULL, traced boolean NOT NULL);
CREATE TABLE IF NOT EXISTS hold (id bigint PRIMARY KEY, epoch bigint NOT NULL, ended boolean NOT NULL, sealed bytea NOT NULL);
CREATE TABLE IF NOT EXISTS trail_segment (first bigint PRIMARY KEY);
CREATE TABLE IF NOT EXISTS trail_bytes (
    first bigint NOT NULL REFERENCES trail_segment (first), at bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (first, at)
);
CREATE TABLE IF NOT EXISTS trail_checkpoint (number bigserial PRIMARY KEY, line bytea NOT NULL);
CREATE TABLE IF NOT EXISTS trail_aside (number bigserial PRIMARY KEY, first bigint, at bigint, bytes bytea NOT NULL);
";

/// One connection to the schema of a store.
pub(crate) struct Postgres {
    client: Client,
}

/// Where a store lies in a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) config: String,
    pub(crate) schema: String,
}

impl Server {
    /// A connection whose names mean those of the store.
    pub(crate) fn connect(&self) -> Result<Client> {
        let mut client = Client::connect(&self.config, NoTls)
            .map_err(|source| failed("reach the server", source))?;
        let path = format!("SET search_path TO \"{}\"", self.schema);
        client
            .batch_execute(&path)
            .map_err(|source| failed("choose the schema", source))?;
        Ok(client)
    }

    /// A schema is named by letters, digits and underscores, so that nothing needs quoting.
    pub(crate) fn check(&self) -> Result<()> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.schema.is_empty() || self.schema.len() > 48 || !self.schema.chars().all(fits) {
            return Err(Error::invalid(
                format!("`{}` is no name of a schema", self.schema),
                "use up to 48 lower-case letters, digits and underscores",
            ));
        }
        Ok(())
    }

    /// Makes the schema and its tables where they do not exist.
    pub(crate) fn prepare(&self) -> Result<()> {
        self.check()?;
        let mut client = Client::connect(&self.config, NoTls)
            .map_err(|source| failed("reach the server", source))?;
        let make = format!(
            "SET client_min_messages TO warning; CREATE SCHEMA IF NOT EXISTS \"{0}\"; SET search_path TO \"{0}\"; {SCHEMA}",
            self.schema
        );
        let found = client
            .query_opt(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'meta'",
                &[&self.schema],
            )
            .map_err(|source| failed("look for the schema", source))?;
        if found.is_some() {
            let path = format!("SET search_path TO \"{}\"", self.schema);
            client
                .batch_execute(&path)
                .map_err(|source| failed("choose the schema", source))?;
            return check_version(&mut client);
        }
        client
            .batch_execute(&make)
            .map_err(|source| failed("make the schema", source))?;
        put_meta(&mut client, "schema", &VERSION.to_le_bytes())
            .map_err(|source| failed("make the schema", source))
    }
}

fn check_version(client: &mut Client) -> Result<()> {
    let row = client
        .query_opt("SELECT value FROM meta WHERE key = 'schema'", &[])
        .map_err(|source| failed("read the schema's version", source))?;
    let bytes: Option<Vec<u8>> = row.map(|row| row.get(0));
    let version = bytes
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, i64::from_le_bytes);
    if version > VERSION {
        return Err(Error::new(
            ErrorKind::NewerSchema,
            "the database was written by a newer version of this crate",
            "open it with that version or a later one; nothing was changed",
        ));
    }
    Ok(())
}

impl Postgres {
    pub(crate) fn open(server: &Server) -> Result<Self> {
        Ok(Self {
            client: server.connect()?,
        })
    }

    fn all<T>(
        &mut self,
        action: &str,
        sql: &str,
        parameters: &[&(dyn postgres::types::ToSql + Sync)],
        each: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let rows = self
            .client
            .query(sql, parameters)
            .map_err(|source| failed(action, source))?;
        rows.iter().map(each).collect()
    }

    fn execute(
        &mut self,
        action: &str,
        sql: &str,
        parameters: &[&(dyn postgres::types::ToSql + Sync)],
    ) -> Result<()> {
        self.client
            .execute(sql, parameters)
            .map(|_| ())
            .map_err(|source| failed(action, source))
    }
}

pub(crate) fn failed(action: &str, source: postgres::Error) -> Error {
    use postgres::error::SqlState;
    let (kind, remedy) = match source.code() {
        Some(code) if *code == SqlState::DISK_FULL => (
            ErrorKind::Full,
            "make room on the server; nothing that was acknowledged is lost",
        ),
        Some(code)
            if *code == SqlState::READ_ONLY_SQL_TRANSACTION
                || *code == SqlState::INSUFFICIENT_PRIVILEGE =>
        {
            (
                ErrorKind::ReadOnly,
                "connect as the owner of the schema, to a server that can be written",
            )
        }
        Some(code)
            if *code == SqlState::LOCK_NOT_AVAILABLE
                || *code == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            (
                ErrorKind::Locked,
                "try again, or stop the other process that has the store",
            )
        }
        Some(code) if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => (
            ErrorKind::Corrupt,
            "restore the last backup; keys destroyed since stay destroyed",
        ),
        None => (
            ErrorKind::Io,
            "check that the server runs and can be reached",
        ),
        Some(_) => (ErrorKind::Database, "see the cause"),
    };
    Error::new(kind, format!("cannot {action}"), remedy).with_source(source)
}

fn small(row: &Row, at: usize) -> Result<u32> {
    u32::try_from(row.get::<_, i64>(at)).map_err(|_| Error::corrupt("a row of the database"))
}

fn epoch_of(row: &Row) -> Result<EpochRow> {
    let fingerprint: Vec<u8> = row.get(7);
    Ok(EpochRow {
        id: small(row, 0)?,
        dataset: small(row, 1)?,
        start: row.get(2),
        length: row.get(3),
        class: Class::of_number(row.get(4)).ok_or_else(|| Error::corrupt("an epoch"))?,
        closing: row.get(5),
        key_name: row.get(6),
        fingerprint: Fingerprint(
            fingerprint
                .try_into()
                .map_err(|_| Error::corrupt("an epoch"))?,
        ),
        reads: row.get::<_, i64>(8).cast_unsigned(),
        plates: small(row, 9)?,
        chunks: small(row, 10)?,
        oldest: row.get(11),
        newest: row.get(12),
    })
}

fn read_of(row: &Row) -> Result<ReadRow> {
    Ok(ReadRow {
        plate: small(row, 0)?,
        tag: row.get(1),
        seq: row.get(2),
        sealed: row.get(3),
    })
}

fn put_meta(
    client: &mut impl GenericClient,
    key: &str,
    value: &[u8],
) -> Result<(), postgres::Error> {
    client
        .execute(
            "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            &[&key, &value],
        )
        .map(|_| ())
}

fn write_epoch(
    transaction: &mut Transaction<'_>,
    batch: &EpochBatch,
) -> Result<u64, postgres::Error> {
    let epoch = &batch.epoch;
    let id = i64::from(epoch.id);
    if batch.is_new {
        let parts: String = PARTITIONED
            .map(|table| {
                format!("CREATE TABLE {table}_e{id} PARTITION OF {table} FOR VALUES IN ({id});")
            })
            .concat();
        transaction.batch_execute(&parts)?;
        transaction.execute(
            "INSERT INTO epoch VALUES ($1, $2, $3, $4, $5, false, $6, $7, 0, 0, 0, $8, $9)",
            &[
                &id,
                &i64::from(epoch.dataset),
                &epoch.start,
                &epoch.length,
                &epoch.class.number(),
                &epoch.key_name,
                &epoch.fingerprint.0.as_slice(),
                &epoch.oldest,
                &epoch.newest,
            ],
        )?;
    }
    let plates: Vec<i64> = batch
        .reads
        .iter()
        .map(|read| i64::from(read.plate))
        .collect();
    let tags: Vec<i64> = batch.reads.iter().map(|read| read.tag).collect();
    let seqs: Vec<i64> = batch.reads.iter().map(|read| read.seq).collect();
    let sealed: Vec<&[u8]> = batch
        .reads
        .iter()
        .map(|read| read.sealed.as_slice())
        .collect();
    let gained = transaction.execute(
        "INSERT INTO read SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) \
         ON CONFLICT DO NOTHING",
        &[&id, &plates, &tags, &seqs, &sealed],
    )?;
    let tags: Vec<i64> = batch.postings.iter().map(|(tag, _)| *tag).collect();
    let plates: Vec<i64> = batch
        .postings
        .iter()
        .map(|(_, plate)| i64::from(*plate))
        .collect();
    transaction.execute(
        "INSERT INTO posting SELECT $1, * FROM unnest($2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING",
        &[&id, &tags, &plates],
    )?;
    if let Some(chunk) = &batch.chunk {
        transaction.execute(
            "INSERT INTO dictionary VALUES ($1, $2, $3)",
            &[&id, &i64::from(epoch.chunks), chunk],
        )?;
    }
    transaction.execute(
        "UPDATE epoch SET reads = reads + $2, plates = plates + $3, chunks = chunks + $4, \
         oldest = least(oldest, $5), newest = greatest(newest, $6) WHERE id = $1",
        &[
            &id,
            &gained.cast_signed(),
            &i64::from(batch.new_plates),
            &i64::from(batch.chunk.is_some()),
            &epoch.oldest,
            &epoch.newest,
        ],
    )?;
    Ok(gained)
}

fn write_all(
    transaction: &mut Transaction<'_>,
    batch: &Batch,
) -> Result<Vec<u64>, postgres::Error> {
    for (id, sealed) in &batch.origins {
        transaction.execute(
            "INSERT INTO origin VALUES ($1, $2)",
            &[&i64::from(*id), sealed],
        )?;
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

impl Backend for Postgres {
    fn meta(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        let row = self
            .client
            .query_opt("SELECT value FROM meta WHERE key = $1", &[&key])
            .map_err(|source| failed("read the database", source))?;
        Ok(row.map(|row| row.get(0)))
    }

    fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<()> {
        put_meta(&mut self.client, key, value)
            .map_err(|source| failed("write the database", source))
    }

    fn datasets(&mut self) -> Result<Vec<(u32, String)>> {
        self.all(
            "read the datasets",
            "SELECT id, body FROM dataset ORDER BY id",
            &[],
            |row| Ok((small(row, 0)?, row.get(1))),
        )
    }

    fn put_dataset(&mut self, id: u32, body: &str) -> Result<()> {
        self.execute(
            "write a dataset",
            "INSERT INTO dataset VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            &[&i64::from(id), &body],
        )
    }

    fn origins(&mut self) -> Result<Vec<(u32, Vec<u8>)>> {
        self.all(
            "read the cameras",
            "SELECT id, sealed FROM origin ORDER BY id",
            &[],
            |row| Ok((small(row, 0)?, row.get(1))),
        )
    }

    fn epochs(&mut self) -> Result<Vec<EpochRow>> {
        self.all(
            "read the epochs",
            "SELECT id, dataset, start, length, class, closing, key_name, fingerprint, reads, plates, chunks, oldest, \
             newest FROM epoch ORDER BY id",
            &[],
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
        let wrong = |source| failed("write reads", source);
        let mut transaction = self.client.transaction().map_err(wrong)?;
        let gained = write_all(&mut transaction, batch).map_err(wrong)?;
        transaction.commit().map_err(wrong)?;
        Ok(gained)
    }

    fn plates(&mut self, epoch: u32, tags: &[i64]) -> Result<Vec<u32>> {
        self.all(
            "look a plate up",
            "SELECT plate FROM posting WHERE epoch = $1 AND tag = ANY ($2)",
            &[&i64::from(epoch), &tags],
            |row| small(row, 0),
        )
    }

    fn reads(&mut self, epoch: u32, plate: u32, up_to: i64) -> Result<Vec<ReadRow>> {
        self.all(
            "read rows",
            "SELECT plate, tag, seq, sealed FROM read WHERE epoch = $1 AND plate = $2 AND seq <= $3 ORDER BY tag",
            &[&i64::from(epoch), &i64::from(plate), &up_to],
            read_of,
        )
    }

    fn read(&mut self, epoch: u32, plate: u32, tag: i64) -> Result<Option<ReadRow>> {
        let found = self.all(
            "read a row",
            "SELECT plate, tag, seq, sealed FROM read WHERE epoch = $1 AND plate = $2 AND tag = $3",
            &[&i64::from(epoch), &i64::from(plate), &tag],
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
        let rows = self.all(
            "read rows",
            "SELECT plate, tag, seq, sealed FROM read WHERE epoch = $1 AND seq <= $2 ORDER BY plate, tag",
            &[&i64::from(epoch), &up_to],
            read_of,
        )?;
        rows.into_iter().try_for_each(each)
    }

    fn chunks(&mut self, epoch: u32, from: u32) -> Result<Vec<(u32, Vec<u8>)>> {
        self.all(
            "read a dictionary",
            "SELECT chunk, sealed FROM dictionary WHERE epoch = $1 AND chunk >= $2 ORDER BY chunk",
            &[&i64::from(epoch), &i64::from(from)],
            |row| Ok((small(row, 0)?, row.get(1))),
        )
    }

    fn delete_reads(&mut self, epoch: u32, rows: &[(u32, i64)]) -> Result<()> {
        let wrong = |source| failed("delete rows", source);
        let plates: Vec<i64> = rows.iter().map(|(plate, _)| i64::from(*plate)).collect();
        let tags: Vec<i64> = rows.iter().map(|(_, tag)| *tag).collect();
        let epoch = i64::from(epoch);
        let mut transaction = self.client.transaction().map_err(wrong)?;
        let gone = transaction
            .execute(
                "DELETE FROM read USING unnest($2::bigint[], $3::bigint[]) AS due (plate, tag) \
                 WHERE read.epoch = $1 AND read.plate = due.plate AND read.tag = due.tag",
                &[&epoch, &plates, &tags],
            )
            .map_err(wrong)?;
        transaction
            .execute(
                "UPDATE epoch SET reads = reads - $2 WHERE id = $1",
                &[&epoch, &gone.cast_signed()],
            )
            .map_err(wrong)?;
        transaction.commit().map_err(wrong)
    }

    fn close_epoch(&mut self, epoch: u32) -> Result<()> {
        self.execute(
            "close an epoch",
            "UPDATE epoch SET closing = true WHERE id = $1",
            &[&i64::from(epoch)],
        )
    }

    fn erase_epoch(&mut self, epoch: u32, receipt: &ReceiptRow) -> Result<()> {
        let wrong = |source| failed("drop an epoch", source);
        let mut transaction = self.client.transaction().map_err(wrong)?;
        let drop: String = PARTITIONED
            .map(|table| format!("DROP TABLE IF EXISTS {table}_e{epoch};"))
            .concat();
        transaction.batch_execute(&drop).map_err(wrong)?;
        transaction
            .execute("DELETE FROM epoch WHERE id = $1", &[&i64::from(epoch)])
            .map_err(wrong)?;
        transaction
            .execute(
                "INSERT INTO receipt VALUES ($1, $2, $3)",
                &[
                    &receipt.number.cast_signed(),
                    &receipt.body,
                    &receipt.traced,
                ],
            )
            .map_err(wrong)?;
        transaction.commit().map_err(wrong)
    }

    fn put_receipt(&mut self, receipt: &ReceiptRow) -> Result<()> {
        self.execute(
            "write a receipt",
            "INSERT INTO receipt VALUES ($1, $2, $3)",
            &[
                &receipt.number.cast_signed(),
                &receipt.body,
                &receipt.traced,
            ],
        )
    }

    fn receipts(&mut self) -> Result<Vec<ReceiptRow>> {
        self.all(
            "read the receipts",
            "SELECT number, body, traced FROM receipt ORDER BY number",
            &[],
            |row| {
                Ok(ReceiptRow {
                    number: row.get::<_, i64>(0).cast_unsigned(),
                    body: row.get(1),
                    traced: row.get(2),
                })
            },
        )
    }

    fn receipt_traced(&mut self, number: u64) -> Result<()> {
        self.execute(
            "mark a receipt",
            "UPDATE receipt SET traced = true WHERE number = $1",
            &[&number.cast_signed()],
        )
    }

    fn holds(&mut self) -> Result<Vec<HoldRow>> {
        self.all(
            "read the holds",
            "SELECT id, epoch, ended, sealed FROM hold ORDER BY id",
            &[],
            |row| {
                Ok(HoldRow {
                    id: small(row, 0)?,
                    epoch: small(row, 1)?,
                    ended: row.get(2),
                    sealed: row.get(3),
                })
            },
        )
    }

    fn put_hold(&mut self, hold: &HoldRow, batch: &Batch) -> Result<()> {
        let wrong = |source| failed("write a hold", source);
        let mut transaction = self.client.transaction().map_err(wrong)?;
        write_all(&mut transaction, batch).map_err(wrong)?;
        transaction
            .execute(
                "INSERT INTO hold VALUES ($1, $2, $3, $4)",
                &[
                    &i64::from(hold.id),
                    &i64::from(hold.epoch),
                    &hold.ended,
                    &hold.sealed,
                ],
            )
            .map_err(wrong)?;
        transaction.commit().map_err(wrong)
    }

    fn end_hold(&mut self, hold: u32) -> Result<()> {
        self.execute(
            "end a hold",
            "UPDATE hold SET ended = true WHERE id = $1",
            &[&i64::from(hold)],
        )
    }

    fn truncate_log(&mut self) -> Result<()> {
        // The server's log holds ciphertext of epochs whose key is gone; a checkpoint lets it be recycled, where the role
        // may ask for one.
        match self.client.batch_execute("CHECKPOINT") {
            Err(source)
                if source.code() == Some(&postgres::error::SqlState::INSUFFICIENT_PRIVILEGE) =>
            {
                Ok(())
            }
            done => done.map_err(|source| failed("ask for a checkpoint", source)),
        }
    }

    fn usage(&mut self) -> Result<Usage> {
        let row = self
            .client
            .query_one(
                "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'",
                &[],
            )
            .map_err(|source| failed("measure the database", source))?;
        Ok(Usage {
            bytes: row.get::<_, i64>(0).cast_unsigned(),
        })
    }
}
