//! Files and folders that only their owner can open.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use crate::{Error, Result};

/// A new file that only its owner can read and write.
pub(super) fn create_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map_err(|source| Error::io("make", path, source))
}

/// A folder that only its owner can enter; made where it does not exist.
pub(crate) fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|source| Error::io("make", folder, source))
}
