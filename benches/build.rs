//! Tells the benches which compiler built them: instruction counts of two compilers cannot be compared.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=RUSTC");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(compiler)
        .arg("-V")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok());
    println!(
        "cargo::rustc-env=BUILT_WITH={}",
        version.as_deref().map_or("unknown", str::trim)
    );
}
