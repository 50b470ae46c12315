//! The program as a user runs it: what it prints, where it fails, how it ends.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[cfg(feature = "deliver")]
mod deliver;
mod doctor;
mod evaluate;
#[cfg(feature = "footage")]
mod footage;
mod law;
mod read;
mod redact;
#[cfg(feature = "store")]
mod store;
#[path = "../../../platewarden/tests/support/mod.rs"]
mod support;
mod watch;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use support::Networks;

/// A folder with networks that read `K7Q` in every picture, and some pictures.
struct Place {
    folder: tempfile::TempDir,
    networks: Networks,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let networks = Networks::in_folder(&folder.path().join("networks"));
        Self { folder, networks }
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    fn picture(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let image = image::RgbImage::from_pixel(256, 128, image::Rgb([90, 90, 90]));
        image
            .save_with_format(&path, image::ImageFormat::Png)
            .unwrap();
        path
    }

    /// A subcommand that runs these networks and says nothing of them.
    fn command(&self, name: &str) -> Command {
        let mut command = platewarden(name);
        command.arg("--model").arg(self.networks.manifest()).args([
            "--backend",
            "embedded",
            "--quiet",
        ]);
        command
    }
}

/// A subcommand.
fn platewarden(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_platewarden"));
    command.arg(name).env_remove("RUST_LOG");
    command
}

/// A file of the project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    out(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
