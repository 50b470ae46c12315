//! Whether video can be read.

use std::{env, ffi::OsString, process::Command};

/// The program's version and place, or what to install.
pub(super) fn describe() -> String {
    let program = env::var_os("PLATEWARDEN_FFMPEG").filter(|name| !name.is_empty());
    let program = program.unwrap_or_else(|| OsString::from("ffmpeg"));
    let shown = program.to_string_lossy();
    let advice = "install it (`apt-get install ffmpeg`, `brew install ffmpeg`) or name it in PLATEWARDEN_FFMPEG; without \
                  it, folders of pictures alone are watched";
    match Command::new(&program).arg("-version").output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            let first = text.lines().next().unwrap_or_default();
            match first.split_whitespace().nth(2) {
                Some(version) if first.starts_with("ffmpeg version") => {
                    format!("{version} (`{shown}`)")
                }
                _ => format!("`{shown}` runs, but does not say that it is ffmpeg; {advice}"),
            }
        }
        Ok(output) => format!("`{shown} -version` ends with {}; {advice}", output.status),
        Err(error) => format!("`{shown}` cannot be run: {error}; {advice}"),
    }
}
