//! Tables that a bench leaves under `target/`: Markdown for people, JSON for programs.

use std::{fs, path::PathBuf};

use crate::Outcome;

/// The folder of the tables: `bench/` in Cargo's target folder.
#[must_use]
pub fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")),
        PathBuf::from,
    );
    target.join("bench")
}

/// Writes both forms and prints the first.
///
/// # Errors
/// Where the folder cannot be written to.
pub fn publish(name: &str, markdown: &str, values: &impl serde::Serialize) -> Outcome {
    println!("\n{markdown}");
    let folder = folder();
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.md")), markdown)?;
    fs::write(
        folder.join(format!("{name}.json")),
        serde_json::to_vec_pretty(values)?,
    )?;
    Ok(())
}

/// A Markdown table.
#[must_use]
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: &[String; N]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(&head.map(str::to_owned)) + &line(&head.map(|_| "---".to_owned()));
    out.extend(rows.iter().map(line));
    out
}

/// The processor's name, where the system tells.
#[must_use]
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map(|(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", name.unwrap_or(std::env::consts::ARCH))
}
