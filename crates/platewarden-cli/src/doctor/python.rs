//! How ONNX Runtime is installed on this machine.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Says what to type for the faster backend.
pub(super) fn write_advice(out: &mut impl Write) -> io::Result<()> {
    let machine = Machine::of_process();
    writeln!(
        out,
        "\nReading is about four times as fast with ONNX Runtime. To install it here:"
    )?;
    for line in machine.advice() {
        writeln!(out, "  {line}")?;
    }
    writeln!(
        out,
        "It is found by itself in `.venv` here or in a folder above, in the active environment, and where pip and pipx put it; \
         PLATEWARDEN_ORT names an environment, folder or library anywhere else."
    )
}

/// What the advice depends on, so that tests can make up a machine.
struct Machine {
    path: Vec<PathBuf>,
    /// Folders that hold `python3.X` folders of the system's own Python.
    system: Vec<PathBuf>,
    has_environment: bool,
}

impl Machine {
    fn of_process() -> Self {
        Self {
            path: env::var_os("PATH")
                .map(|path| env::split_paths(&path).collect())
                .unwrap_or_default(),
            system: vec![
                "/usr/lib".into(),
                "/usr/local/lib".into(),
                "/usr/lib64".into(),
            ],
            has_environment: env::var_os("VIRTUAL_ENV").is_some_and(|path| !path.is_empty()),
        }
    }

    /// The commands, and a remark where one is due.
    fn advice(&self) -> Vec<String> {
        let lines: &[&str] = if self.has_environment {
            &["pip install onnxruntime"]
        } else if self.has_program("uv") {
            &["uv venv", "uv pip install onnxruntime"]
        } else if self.has_program("python3") {
            &["python3 -m venv .venv", ".venv/bin/pip install onnxruntime"]
        } else {
            &[
                "curl -LsSf https://astral.sh/uv/install.sh | sh",
                "uv venv",
                "uv pip install onnxruntime",
            ]
        };
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        if let Some(marker) = self.managed_by_the_system() {
            lines.push(format!(
                "(plain `pip install` is refused here: the system manages Python, says {})",
                marker.display()
            ));
        }
        lines
    }

    fn has_program(&self, name: &str) -> bool {
        let name = if cfg!(windows) {
            format!("{name}.exe")
        } else {
            name.to_owned()
        };
        self.path.iter().any(|folder| folder.join(&name).is_file())
    }

    /// The file by which a distribution says that pip may not install into its Python.
    fn managed_by_the_system(&self) -> Option<PathBuf> {
        let is_python = |path: &Path| {
            path.file_name()
                .and_then(OsStr::to_str)
                .is_some_and(|name| name.starts_with("python3"))
        };
        self.system
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_python(path))
            .map(|path| path.join("EXTERNALLY-MANAGED"))
            .find(|marker| marker.is_file())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn machine(folder: &Path, programs: &[&str], managed: bool, environment: bool) -> Machine {
        let (bin, lib) = (folder.join("bin"), folder.join("lib/python3.11"));
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(&lib).unwrap();
        for program in programs {
            let suffix = if cfg!(windows) { ".exe" } else { "" };
            fs::write(bin.join(format!("{program}{suffix}")), "").unwrap();
        }
        if managed {
            fs::write(lib.join("EXTERNALLY-MANAGED"), "").unwrap();
        }
        Machine {
            path: vec![bin],
            system: vec![folder.join("lib")],
            has_environment: environment,
        }
    }

    #[test]
    fn advice_suits_the_machine() {
        for (programs, managed, environment, first, remark) in [
            (&["python3"][..], true, false, "python3 -m venv .venv", true),
            (&["python3", "uv"], true, false, "uv venv", true),
            (&["python3"], false, false, "python3 -m venv .venv", false),
            (&["python3"], true, true, "pip install onnxruntime", true),
            (&[], false, false, "curl", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let lines = machine(folder.path(), programs, managed, environment).advice();
            assert!(lines.first().unwrap().starts_with(first), "{lines:?}");
            let has_remark = lines.iter().any(|line| line.contains("EXTERNALLY-MANAGED"));
            assert_eq!(has_remark, remark, "{lines:?}");
        }
    }
}
