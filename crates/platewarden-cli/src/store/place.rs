//! Where a store, its keys and its law are.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use clap::Args;
use platewarden_policy::{
    engine::Policy,
    packs::{PackSet, Unverified},
};
use platewarden_store::{FolderKeys, MasterKey, Store, StoreOptions};

use crate::{decide::UNVERIFIED, failure::AnyError};

/// Where a store, its keys and its law are.
#[derive(Args)]
pub(super) struct Place {
    /// The store's folder
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) keys: KeyOptions,
    /// Use the rule packs of this folder instead of the bundled ones
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
}

/// Where the keys of a store are.
#[derive(Args, Clone)]
#[command(next_help_heading = "Keys of the store")]
pub(crate) struct KeyOptions {
    /// Folder of the wrapped keys; never within the store, nor in its backups [default: STORE.keys]
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// File with the master key, 64 hexadecimal digits [default: STORE.master.key]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["master_key_env", "master_key_command"])]
    master_key: Option<PathBuf>,
    /// Take the master key from this environment variable
    #[arg(long, value_name = "NAME", conflicts_with = "master_key_command")]
    master_key_env: Option<String>,
    /// Take the master key from what this command prints, such as one of a password manager
    #[arg(long, value_name = "COMMAND")]
    master_key_command: Option<String>,
}

impl Place {
    /// The store, opened.
    pub(super) fn open(&self) -> Result<Store, AnyError> {
        let options = self.keys.store(&self.store)?;
        Ok(Store::open(&options, self.policy()?)?)
    }

    /// The rules by which searches are decided.
    pub(super) fn policy(&self) -> Result<Policy, AnyError> {
        policy(self.packs.as_deref())
    }
}

/// Packs of a folder, or the bundled ones.
pub(crate) fn policy(packs: Option<&Path>) -> Result<Policy, AnyError> {
    log::warn!("{UNVERIFIED}");
    Ok(match packs {
        Some(folder) => Policy::new(PackSet::from_dir(folder, Unverified::Allow)?),
        None => Policy::bundled(Unverified::Allow)?,
    })
}

impl KeyOptions {
    /// The store at a folder with these keys, which must be there.
    pub(crate) fn store(&self, folder: &Path) -> Result<StoreOptions, AnyError> {
        self.store_under(folder, &self.master_key(folder)?)
    }

    /// The same under a master key that is known.
    pub(super) fn store_under(
        &self,
        folder: &Path,
        master: &MasterKey,
    ) -> Result<StoreOptions, AnyError> {
        let keys = FolderKeys::open(self.folder(folder), master)?;
        Ok(StoreOptions::new(folder, Arc::new(keys)))
    }

    /// The key that wraps the others, from wherever the options say.
    pub(super) fn master_key(&self, store: &Path) -> Result<MasterKey, AnyError> {
        Ok(match (&self.master_key_env, &self.master_key_command) {
            (Some(variable), _) => MasterKey::from_env(variable)?,
            (None, Some(line)) => MasterKey::from_command(&mut shell(line))?,
            (None, None) => MasterKey::from_file(&self.master_key_path(store))?,
        })
    }

    /// The master key's file, where it is to be taken from one.
    pub(super) fn master_key_file(&self, store: &Path) -> Option<PathBuf> {
        let elsewhere = self.master_key_env.is_some() || self.master_key_command.is_some();
        (!elsewhere).then(|| self.master_key_path(store))
    }

    fn master_key_path(&self, store: &Path) -> PathBuf {
        let file = self.master_key.clone();
        file.unwrap_or_else(|| beside(store, "master.key"))
    }

    /// Folder of the wrapped keys.
    pub(super) fn folder(&self, store: &Path) -> PathBuf {
        self.keys.clone().unwrap_or_else(|| beside(store, "keys"))
    }
}

/// A path beside the store's folder that begins with its name.
pub(super) fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = tidy(store).into_os_string();
    name.push(format!(".{ending}"));
    name.into()
}

/// The path without a separator at its end.
fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}

fn shell(line: &str) -> Command {
    let (program, option) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let mut command = Command::new(program);
    command.arg(option).arg(line);
    command
}
