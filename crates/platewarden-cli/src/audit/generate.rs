//! A synthetic export to try an audit on.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use platewarden_audit::export::SyntheticLog;

use super::Arguments;
use crate::failure::{AnyError, OutputError, UsageError, about};

/// Writes it and says what was planted.
pub(super) fn generate(arguments: &Arguments, rows: u64) -> Result<(), AnyError> {
    let [path] = arguments.exports.as_slice() else {
        return Err(Box::new(UsageError(
            "--generate writes exactly one file".into(),
        )));
    };
    let file = File::create(path).map_err(about("create", path))?;
    let planted = SyntheticLog::new(arguments.seed)
        .rows(rows)
        .write(BufWriter::new(file))?;
    let mut to = io::stdout().lock();
    writeln!(
        to,
        "{}: {} synthetic rows (seed {})",
        path.display(),
        planted.rows,
        arguments.seed
    )
    .map_err(OutputError::from)?;
    writeln!(
        to,
        "planted: {} immigration, {} federal bodies, {} health care or protest, {} vague, {} barred accounts, {} duplicates, {} broken",
        planted.immigration,
        planted.federal_body,
        planted.protected,
        planted.vague,
        planted.barred_accounts,
        planted.duplicates,
        planted.broken
    )
    .map_err(OutputError::from)?;
    Ok(())
}
