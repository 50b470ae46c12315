//! `platewarden evidence keys`.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use platewarden_footage::{EvidenceKey, new_signing_key, verifying_hex, write_secret};

use crate::failure::{Outcome, about};

/// Make keys: one that verifies agencies, one that signs requests, one to which packages are sealed
///
/// Each has a file `.key`, which its owner alone may read, and a file `.pub` for everybody. Keep the three in three hands: who has
/// `evidence.key` can open what residents send.
#[derive(Args)]
pub(super) struct Arguments {
    /// Folder for the keys; none in it is replaced
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).map_err(about("make", folder))?;
    let evidence = EvidenceKey::new()?;
    let mut keys = vec![("evidence", evidence.to_hex(), evidence.public().to_owned())];
    for name in ["verifier", "agency"] {
        let key = new_signing_key()?;
        let secret = key.to_bytes().map(|byte| format!("{byte:02x}")).concat();
        keys.push((name, secret, verifying_hex(&key.verifying_key())));
    }
    for (name, secret, public) in keys {
        write_secret(&folder.join(format!("{name}.key")), &secret)?;
        let path = folder.join(format!("{name}.pub"));
        fs::write(&path, format!("{public}\n")).map_err(about("write", &path))?;
        println!("{}: {public}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
