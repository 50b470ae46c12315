//! Where an ONNX Runtime library may be on this machine.
//!
//! The search reads directories and environment variables and starts no program. It does not look in the current
//! directory itself: a library found there would be loaded on the word of whoever wrote the folder. A `.venv` there or
//! above counts only where the user or the system's administrator owns it and nobody else may write to it.

use std::{
    collections::HashSet,
    env,
    ffi::OsStr,
    fmt, fs,
    path::{Path, PathBuf},
};

#[cfg(feature = "onnxruntime")]
use super::library;

/// What led to a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LibraryOrigin {
    /// The path was given to the engine.
    Option,
    /// The environment variable of this name holds the path.
    Variable(&'static str),
    /// It lies beside the running program, or in `lib` beside it.
    BesideExecutable,
    /// It lies on the system's library path.
    SystemPath,
    /// It belongs to the Python package `onnxruntime` of an environment found through this machine's settings.
    Python,
}

impl LibraryOrigin {
    /// Whether somebody named this very library, so that failing to load it is an error.
    pub fn is_explicit(self) -> bool {
        matches!(self, Self::Option | Self::Variable(_))
    }
}

impl fmt::Display for LibraryOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("the engine's options"),
            Self::Variable(name) => f.write_str(name),
            Self::BesideExecutable => f.write_str("beside the program"),
            Self::SystemPath => f.write_str("the system's library path"),
            Self::Python => f.write_str("a Python environment"),
        }
    }
}

/// A file that may be an ONNX Runtime library.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LibraryCandidate {
    /// The file.
    pub path: PathBuf,
    /// What led to it.
    pub origin: LibraryOrigin,
}

impl LibraryCandidate {
    /// Looks at the file without loading it, and gives the library's version where its name or its Python package says
    /// so.
    ///
    /// # Errors
    ///
    /// [`RuntimeInvalid`](crate::ErrorKind::RuntimeInvalid) with what is wrong with it.
    #[cfg(feature = "onnxruntime")]
    pub fn inspect(&self) -> crate::Result<Option<String>> {
        library::check(&self.path)?;
        Ok(library::version_of(&self.path))
    }
}

/// A folder or a file where an ONNX Runtime library is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LibraryPlace {
    /// The folder, or the file that was named.
    pub path: PathBuf,
    /// What led to it.
    pub origin: LibraryOrigin,
}

/// The places that [`find_onnxruntime_libraries`] looks at on this machine, in their order; folders that are not there are
/// left out.
///
/// ```
/// for place in platewarden::backend::onnxruntime_places() {
///     println!("{} ({})", place.path.display(), place.origin);
/// }
/// ```
pub fn onnxruntime_places() -> Vec<LibraryPlace> {
    let mut places = Search::of_process().places();
    places.retain(|place| place.origin.is_explicit() || place.path.is_dir());
    places
}

/// The files that may be ONNX Runtime libraries, in the order in which the engine tries them.
///
/// 1. the path in `PLATEWARDEN_ORT`, else the one in `ORT_DYLIB_PATH`: a library, a folder with one, or a Python
///    environment; where one is set, nothing else is tried;
/// 2. beside the running program, or in `lib` beside it;
/// 3. the system's library path;
/// 4. the folder `onnxruntime/capi` of Python environments: the active one (`VIRTUAL_ENV`, `CONDA_PREFIX`), the `.venv` of
///    the current directory or the nearest one above it, those whose `python3` is on `PATH`, the user's own packages, and
///    the environments that `pipx` and `uv tool` made for `onnxruntime`.
///
/// ```
/// for candidate in platewarden::backend::find_onnxruntime_libraries() {
///     println!("{} ({})", candidate.path.display(), candidate.origin);
/// }
/// ```
pub fn find_onnxruntime_libraries() -> Vec<LibraryCandidate> {
    Search::of_process().candidates()
}

/// Everything the search depends on, so that tests can make up a machine.
#[derive(Debug, Default)]
struct Search {
    variables: Vec<(&'static str, PathBuf)>,
    executable: Option<PathBuf>,
    system: Vec<PathBuf>,
    environments: Vec<PathBuf>,
    /// The current directory.
    project: Option<PathBuf>,
    executables_path: Vec<PathBuf>,
    home: Option<PathBuf>,
}

impl Search {
    fn of_process() -> Self {
        let variable = |name: &'static str| env::var_os(name).filter(|value| !value.is_empty());
        let split = |name| {
            variable(name)
                .map(|value| env::split_paths(&value).collect::<Vec<_>>())
                .unwrap_or_default()
        };
        let mut system = split(if cfg!(target_os = "macos") {
            "DYLD_LIBRARY_PATH"
        } else {
            "LD_LIBRARY_PATH"
        });
        if cfg!(unix) {
            let triplet = format!("{}-linux-gnu", env::consts::ARCH);
            for folder in [
                "/usr/local/lib",
                "/usr/lib64",
                "/usr/lib",
                "/lib",
                "/opt/homebrew/lib",
                "/opt/onnxruntime/lib",
            ] {
                system.push(folder.into());
                system.push(Path::new(folder).join(&triplet));
            }
        }
        Self {
            variables: ["PLATEWARDEN_ORT", "ORT_DYLIB_PATH"]
                .into_iter()
                .filter_map(|name| Some((name, PathBuf::from(variable(name)?))))
                .collect(),
            executable: env::current_exe().ok(),
            system,
            environments: ["VIRTUAL_ENV", "CONDA_PREFIX"]
                .into_iter()
                .filter_map(variable)
                .map(PathBuf::from)
                .collect(),
            project: env::current_dir().ok(),
            executables_path: split("PATH"),
            home: variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from),
        }
    }

    fn candidates(&self) -> Vec<LibraryCandidate> {
        // The first variable that is set wins; a folder stands for the newest library in it, and where there is none the
        // folder is reported as what cannot be loaded.
        if let Some((name, path)) = self.variables.first() {
            let found = self
                .places()
                .into_iter()
                .find_map(|place| libraries_in(&place.path).into_iter().next());
            return vec![LibraryCandidate {
                path: found.unwrap_or_else(|| path.clone()),
                origin: LibraryOrigin::Variable(name),
            }];
        }
        let mut found: Vec<LibraryCandidate> = self
            .places()
            .into_iter()
            .flat_map(|LibraryPlace { path, origin }| {
                let libraries = libraries_in(&path).into_iter();
                libraries.map(move |path| LibraryCandidate { path, origin })
            })
            .collect();
        let mut seen = HashSet::new();
        found.retain(|candidate| {
            seen.insert(
                candidate
                    .path
                    .canonicalize()
                    .unwrap_or_else(|_| candidate.path.clone()),
            )
        });
        found
    }

    /// Where libraries may lie, in order.
    fn places(&self) -> Vec<LibraryPlace> {
        let packages = |packages: PathBuf| packages.join("onnxruntime").join("capi");
        if let Some((name, path)) = self.variables.first() {
            let inside = packages_in(path).into_iter().map(packages);
            return std::iter::once(path.clone())
                .chain(inside.filter(|folder| folder.is_dir()))
                .map(|path| LibraryPlace {
                    path,
                    origin: LibraryOrigin::Variable(name),
                })
                .collect();
        }
        let mut places = Vec::new();
        let mut add = |path: PathBuf, origin| places.push(LibraryPlace { path, origin });
        if let Some(folder) = self.executable.as_deref().and_then(Path::parent) {
            add(folder.into(), LibraryOrigin::BesideExecutable);
            add(folder.join("lib"), LibraryOrigin::BesideExecutable);
        }
        for folder in &self.system {
            add(folder.clone(), LibraryOrigin::SystemPath);
        }
        for folder in self.site_packages() {
            add(packages(folder), LibraryOrigin::Python);
        }
        places
    }

    /// Folders that hold Python packages, the active environment's first.
    fn site_packages(&self) -> Vec<PathBuf> {
        let mut prefixes = self.environments.clone();
        prefixes.extend(self.project_environment());
        for folder in &self.executables_path {
            for name in ["python3", "python", "python3.exe", "python.exe"] {
                let program = folder.join(name);
                if !program.is_file() {
                    continue;
                }
                // A virtual environment's `python` is a link: its own packages come first, then those of the
                // installation it points to.
                for program in [Some(program.clone()), program.canonicalize().ok()]
                    .into_iter()
                    .flatten()
                {
                    let parent = program.parent();
                    // Windows keeps python.exe in the prefix itself, everything else in `bin` below it.
                    prefixes.extend(parent.filter(|_| cfg!(windows)).map(Path::to_path_buf));
                    prefixes.extend(parent.and_then(Path::parent).map(Path::to_path_buf));
                }
            }
        }
        let mut packages = Vec::new();
        if let Some(home) = &self.home {
            // `pip install --user`, which is also where pip puts packages when it may not write to the system's.
            prefixes.push(home.join(".local"));
            let data = home.join(".local/share");
            for tools in ["pipx/venvs", "uv/tools"] {
                prefixes.push(data.join(tools).join("onnxruntime"));
            }
            packages.extend(
                subfolders(&home.join("Library/Python"), "3")
                    .into_iter()
                    .map(|p| p.join("lib/python/site-packages")),
            );
            packages.extend(
                subfolders(&home.join("AppData/Roaming/Python"), "Python3")
                    .into_iter()
                    .map(|p| p.join("site-packages")),
            );
        }
        packages.extend(prefixes.iter().flat_map(|prefix| packages_in(prefix)));
        packages
    }

    /// The nearest `.venv`, from the current directory upwards, that only the user or the administrator may write to.
    fn project_environment(&self) -> Option<PathBuf> {
        let found = self
            .project
            .as_deref()?
            .ancestors()
            .map(|folder| folder.join(".venv"))
            .find(|folder| folder.join("pyvenv.cfg").is_file())?;
        is_trusted(&found, self.home.as_deref()).then_some(found)
    }
}

/// Whether a folder belongs to whoever owns the home folder, or to the administrator, and nobody else may write to it.
#[cfg(unix)]
fn is_trusted(folder: &Path, home: Option<&Path>) -> bool {
    use std::os::unix::fs::MetadataExt;

    const ADMINISTRATOR: u32 = 0;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    let Ok(metadata) = folder.metadata() else {
        return false;
    };
    let user = home.and_then(|home| Some(home.metadata().ok()?.uid()));
    metadata.mode() & WRITABLE_BY_OTHERS == 0
        && (metadata.uid() == ADMINISTRATOR || Some(metadata.uid()) == user)
}

/// Windows gives new folders the rights of their parent, of which the standard library says nothing.
#[cfg(not(unix))]
fn is_trusted(_folder: &Path, _home: Option<&Path>) -> bool {
    false
}

/// Folders that may hold the packages of the Python installed under `prefix`.
fn packages_in(prefix: &Path) -> Vec<PathBuf> {
    let mut packages = vec![prefix.join("Lib").join("site-packages")];
    for lib in ["lib", "lib64", "local/lib"] {
        for python in subfolders(&prefix.join(lib), "python3") {
            packages.push(python.join("site-packages"));
            packages.push(python.join("dist-packages"));
        }
    }
    packages
}

/// Folders inside `folder` whose names begin with `prefix`, newest Python first.
fn subfolders(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found = entries(folder, |name| name.starts_with(prefix));
    found.sort_by_key(|path| std::cmp::Reverse(numbers(path)));
    found
}

/// The ONNX Runtime libraries in a folder, newest version first, links to another of them left out.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = entries(folder, is_library_name);
    found.sort_by_key(|path| std::cmp::Reverse(numbers(path)));
    found
}

fn entries(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    // A folder that is missing or closed to us has nothing in it for us.
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .and_then(OsStr::to_str)
                .is_some_and(&wanted)
        })
        .collect()
}

/// Whether a file of this name is the library itself: `libonnxruntime.so`, `libonnxruntime.so.1.24.2`,
/// `libonnxruntime.1.24.2.dylib`, `onnxruntime.dll`; not `libonnxruntime_providers_shared.so`.
fn is_library_name(name: &str) -> bool {
    if cfg!(windows) {
        return name.eq_ignore_ascii_case("onnxruntime.dll");
    }
    let Some(rest) = name.strip_prefix("libonnxruntime.") else {
        return false;
    };
    let versioned = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '.');
    if cfg!(target_os = "macos") {
        rest.strip_suffix("dylib").is_some_and(versioned)
    } else {
        rest.strip_prefix("so").is_some_and(versioned)
    }
}

/// The numbers in a file's name, to sort `3.9` before `3.10`.
fn numbers(path: &Path) -> Vec<u64> {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    /// Makes an empty file with its folders.
    fn touch(path: &Path) -> PathBuf {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"").unwrap();
        path.to_path_buf()
    }

    fn paths(search: &Search) -> Vec<PathBuf> {
        search
            .candidates()
            .into_iter()
            .map(|candidate| candidate.path)
            .collect()
    }

    #[test]
    fn a_variable_ends_the_search() {
        let folder = tempfile::tempdir().unwrap();
        let library = touch(&folder.path().join("libonnxruntime.so.1.24.2"));
        touch(&folder.path().join("libonnxruntime.so.1.9.0"));
        let mut search = Search {
            variables: vec![
                ("PLATEWARDEN_ORT", "/no/such/file".into()),
                ("ORT_DYLIB_PATH", library.clone()),
            ],
            system: vec![folder.path().into()],
            ..Search::default()
        };
        let candidates = search.candidates();
        assert_eq!(candidates.len(), 1);
        assert_eq!(candidates[0].path, Path::new("/no/such/file"));
        assert!(candidates[0].origin.is_explicit());
        search.variables = vec![("ORT_DYLIB_PATH", folder.path().into())];
        assert_eq!(
            paths(&search),
            [library],
            "a folder stands for its newest library"
        );
    }

    #[test]
    fn places_come_in_the_documented_order() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        let beside = touch(&at("app/libonnxruntime.so"));
        let system = touch(&at("system/libonnxruntime.so.1.30.0"));
        let venv = touch(&at(
            "venv/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.24.0",
        ));
        let user = touch(&at(
            "home/.local/lib/python3.9/site-packages/onnxruntime/capi/libonnxruntime.so.1.24.1",
        ));
        let search = Search {
            executable: Some(at("app/program")),
            system: vec![at("system")],
            environments: vec![at("venv")],
            home: Some(at("home")),
            ..Search::default()
        };
        assert_eq!(paths(&search), [beside, system, venv, user]);
    }

    #[test]
    fn environments_are_found_through_a_linked_python() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        let python = touch(&at("base/bin/python3.12"));
        fs::create_dir_all(at("venv/bin")).unwrap();
        std::os::unix::fs::symlink(python, at("venv/bin/python3")).unwrap();
        let own = touch(&at(
            "venv/lib/python3.12/site-packages/onnxruntime/capi/libonnxruntime.so.1.26.0",
        ));
        let base = touch(&at(
            "base/lib/python3.12/site-packages/onnxruntime/capi/libonnxruntime.so.1.25.0",
        ));
        let search = Search {
            executables_path: vec![at("venv/bin"), at("venv/bin")],
            ..Search::default()
        };
        assert_eq!(
            paths(&search),
            [own, base],
            "each once, the environment's own first"
        );
    }

    #[test]
    fn the_project_environment_is_found_from_a_folder_below_it() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let venv = folder.path().join(".venv");
        let library = touch(
            &venv.join("lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.24.0"),
        );
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let search = Search {
            project: Some(below),
            home: Some(folder.path().into()),
            ..Search::default()
        };
        assert!(paths(&search).is_empty(), "no environment yet");
        touch(&venv.join("pyvenv.cfg"));
        assert_eq!(paths(&search), [library]);
        // Whoever may write to it could put any library there.
        fs::set_permissions(&venv, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(paths(&search).is_empty());
    }

    #[test]
    fn a_variable_may_name_an_environment_and_tools_have_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        let inside = "lib/python3.12/site-packages/onnxruntime/capi/libonnxruntime.so.1.30.0";
        let venv = touch(&at("venv").join(inside));
        let search = Search {
            variables: vec![("PLATEWARDEN_ORT", at("venv"))],
            ..Search::default()
        };
        assert_eq!(paths(&search), [venv]);
        let tool = touch(&at("home/.local/share/pipx/venvs/onnxruntime").join(inside));
        let search = Search {
            home: Some(at("home")),
            ..Search::default()
        };
        assert_eq!(paths(&search), [tool]);
    }

    #[test]
    fn newer_versions_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let old = touch(&folder.path().join("libonnxruntime.so.1.9.0"));
        let new = touch(&folder.path().join("libonnxruntime.so.1.24.0"));
        touch(&folder.path().join("libonnxruntime_providers_shared.so"));
        touch(&folder.path().join("libonnxruntime.so.1.24.0.bak"));
        assert_eq!(libraries_in(folder.path()), [new, old]);
    }

    #[test]
    fn missing_places_are_skipped() {
        let search = Search {
            system: vec!["/no/such/folder".into()],
            home: Some("/no/home".into()),
            ..Search::default()
        };
        assert_eq!(search.candidates(), []);
    }
}
