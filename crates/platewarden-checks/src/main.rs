//! Checks the crates of a workspace: `cargo run -p platewarden-checks`, or `checks ROOT`.

use std::{
    collections::BTreeSet,
    env, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use platewarden_checks::{Problem, allowed, check_workspace};

fn main() -> ExitCode {
    let root = env::args_os().nth(1).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        PathBuf::from,
    );
    match check(&root) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what is wrong; returns how much of it is not allowed for.
fn check(root: &Path) -> io::Result<usize> {
    let report = check_workspace(root)?;
    let allowed = allowed(root)?;
    let mut refused = 0;
    for problem in &report.problems {
        println!("{problem}");
        if allowed.contains(&problem.key()) {
            println!("    (known: {})", problem.key());
        } else {
            refused += 1;
        }
    }
    let keys: BTreeSet<String> = report.problems.iter().map(Problem::key).collect();
    for mended in allowed.difference(&keys) {
        println!("mended, take it out of allowed.txt: {mended}");
    }
    println!(
        "{} crates, {} modules, {} functions; {refused} problems, {} known ones",
        report.crates,
        report.modules,
        report.functions,
        report.problems.len() - refused
    );
    Ok(refused)
}
