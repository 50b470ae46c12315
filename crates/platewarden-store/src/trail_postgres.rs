//! The trail in a PostgreSQL server, on a connection of its own: what is written there is committed before the search
//! runs, and no rollback of the search takes it back.

use std::io::{self, Cursor, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};

use platewarden_trail::{TrailRead, TrailWrite};
use postgres::Client;

use crate::backend::Server;
use crate::{Error, ErrorKind, Result};

/// Segments as pieces of bytes, in the order in which they were appended.
pub(crate) struct PostgresTrail {
    client: Mutex<Client>,
}

impl PostgresTrail {
    /// Opens the trail for writing. The server's own lock admits one writer; it goes with the connection, however that
    /// ends.
    pub(crate) fn writer(server: &Server) -> Result<Self> {
        let mut client = server.connect()?;
        let row = client
            .query_one(
                "SELECT pg_try_advisory_lock(hashtextextended($1, 0))",
                &[&server.schema],
            )
            .map_err(|source| crate::backend::failed("lock the trail", source))?;
        if !row.get::<_, bool>(0) {
            return Err(Error::new(
                ErrorKind::Locked,
                "another process has the store",
                "one process has a store at a time: stop the other one, or search through it",
            ));
        }
        Ok(Self {
            client: Mutex::new(client),
        })
    }

    fn client(&self) -> MutexGuard<'_, Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn number(value: u64) -> io::Result<i64> {
    i64::try_from(value).map_err(io::Error::other)
}

impl TrailRead for PostgresTrail {
    fn segments(&self) -> io::Result<Vec<u64>> {
        let rows = self
            .client()
            .query("SELECT first FROM trail_segment ORDER BY first", &[])
            .map_err(io::Error::other)?;
        Ok(rows
            .iter()
            .map(|row| row.get::<_, i64>(0).cast_unsigned())
            .collect())
    }

    fn open(&self, first: u64) -> io::Result<Box<dyn Read + '_>> {
        let rows = self
            .client()
            .query(
                "SELECT bytes FROM trail_bytes WHERE first = $1 ORDER BY at",
                &[&number(first)?],
            )
            .map_err(io::Error::other)?;
        if rows.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let pieces: Vec<Vec<u8>> = rows.iter().map(|row| row.get(0)).collect();
        Ok(Box::new(Cursor::new(pieces.concat())))
    }

    fn checkpoints(&self) -> io::Result<Vec<u8>> {
        let rows = self
            .client()
            .query("SELECT line FROM trail_checkpoint ORDER BY number", &[])
            .map_err(io::Error::other)?;
        let lines: Vec<Vec<u8>> = rows.iter().map(|row| row.get(0)).collect();
        Ok(lines.concat())
    }
}

impl TrailWrite for PostgresTrail {
    fn create(&mut self, first: u64, header: &[u8]) -> io::Result<()> {
        let first = number(first)?;
        let mut client = self.client();
        let mut transaction = client.transaction().map_err(io::Error::other)?;
        transaction
            .execute("INSERT INTO trail_segment VALUES ($1)", &[&first])
            .and_then(|_| {
                transaction.execute(
                    "INSERT INTO trail_bytes VALUES ($1, 0, $2)",
                    &[&first, &header],
                )
            })
            .map_err(io::Error::other)?;
        transaction.commit().map_err(io::Error::other)
    }

    fn append(&mut self, first: u64, bytes: &[u8]) -> io::Result<()> {
        // A statement outside a transaction is committed, and on the server's device, when it returns.
        self.client()
            .execute(
                "INSERT INTO trail_bytes SELECT $1, max(at + length(bytes)), $2 FROM trail_bytes WHERE first = $1",
                &[&number(first)?, &bytes],
            )
            .map(|_| ())
            .map_err(io::Error::other)
    }

    fn truncate(&mut self, first: u64, len: u64) -> io::Result<()> {
        let (first, len) = (number(first)?, number(len)?);
        let mut client = self.client();
        let mut transaction = client.transaction().map_err(io::Error::other)?;
        transaction
            .execute(
                "DELETE FROM trail_bytes WHERE first = $1 AND at >= $2",
                &[&first, &len],
            )
            .and_then(|_| {
                transaction.execute(
                    "UPDATE trail_bytes SET bytes = substring(bytes FROM 1 FOR ($2 - at)::int) \
                     WHERE first = $1 AND at + length(bytes) > $2",
                    &[&first, &len],
                )
            })
            .map_err(io::Error::other)?;
        if len == 0 {
            transaction
                .execute("DELETE FROM trail_segment WHERE first = $1", &[&first])
                .map_err(io::Error::other)?;
        }
        transaction.commit().map_err(io::Error::other)
    }

    fn set_aside(&mut self, first: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.client()
            .execute(
                "INSERT INTO trail_aside (first, at, bytes) VALUES ($1, $2, $3)",
                &[&number(first)?, &number(offset)?, &bytes],
            )
            .map(|_| ())
            .map_err(io::Error::other)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn append_checkpoint(&mut self, line: &[u8]) -> io::Result<()> {
        self.client()
            .execute("INSERT INTO trail_checkpoint (line) VALUES ($1)", &[&line])
            .map(|_| ())
            .map_err(io::Error::other)
    }
}
