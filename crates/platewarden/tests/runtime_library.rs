//! ONNX Runtime libraries that cannot be used. In a program of its own: once a library is loaded, no other can be.
#![cfg(all(feature = "onnxruntime", target_os = "linux"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use platewarden::{Backend, Engine, EngineOptions, Error, ErrorKind};
use support::Networks;

/// An engine that must run this library.
fn start(library: &Path) -> Result<Engine, Error> {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    Engine::with_options(
        EngineOptions::default()
            .with_models(networks.manifest())
            .with_onnxruntime_library(library),
    )
}

/// Compiles a shared library that claims to be ONNX Runtime of some version.
fn library_of_version(folder: &Path, name: &str, version: &str) -> PathBuf {
    let source = folder.join("fake.rs");
    fs::write(
        &source,
        format!(
            r#"
            #[repr(C)]
            pub struct Base {{ api: extern "C" fn(u32) -> usize, version: extern "C" fn() -> *const u8 }}
            extern "C" fn api(_: u32) -> usize {{ 0 }}
            extern "C" fn version() -> *const u8 {{ b"{version}\0".as_ptr() }}
            static BASE: Base = Base {{ api, version }};
            #[unsafe(no_mangle)]
            pub extern "C" fn {name}() -> &'static Base {{ &BASE }}
            "#
        ),
    )
    .unwrap();
    let library = folder.join("libonnxruntime.so");
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "--crate-name=onnxruntime",
            "-o",
        ])
        .args([&library, &source])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    library
}

#[test]
fn a_library_too_old_is_named_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let library = library_of_version(folder.path(), "OrtGetApiBase", "1.10.2");
    let error = start(&library).unwrap_err();
    assert!(
        error.kind() == ErrorKind::RuntimeTooOld
            && error.path() == Some(library.as_path())
            && error.context().contains("is version 1.10.2; expected 1.24"),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("pip install --upgrade onnxruntime"),
        "{error}"
    );
}

#[test]
fn another_library_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let library = library_of_version(folder.path(), "something_else", "1.30.0");
    let error = start(&library).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RuntimeInvalid, "{error}");
    assert!(error.to_string().contains("OrtGetApiBase"), "{error}");
}

#[test]
fn what_is_no_library_is_refused_before_it_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("libonnxruntime.so");
    fs::write(&text, "this is no library").unwrap();
    let missing = folder.path().join("missing.so");
    let cut = folder.path().join("cut.so");
    let whole = library_of_version(&folder.path().join("."), "OrtGetApiBase", "1.30.0");
    let bytes = fs::read(&whole).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 3]).unwrap();
    fs::write(&text, "this is no library").unwrap();
    for path in [text, missing, cut, folder.path().to_path_buf()] {
        let error = start(&path).unwrap_err();
        assert!(
            error.kind() == ErrorKind::RuntimeInvalid && error.path() == Some(path.as_path()),
            "{error}"
        );
        assert!(
            error.to_string().contains("pip install onnxruntime"),
            "{error}"
        );
    }
}

/// Runs this program again with one of the tests below and some variables set.
fn child(test: &str, variables: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--ignored", "--exact", test, "--nocapture"]);
    for variable in [
        "PLATEWARDEN_ORT",
        "ORT_DYLIB_PATH",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "LD_LIBRARY_PATH",
    ] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
#[ignore = "run by the tests below"]
fn child_builds_an_engine() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let backend = match env::var("BACKEND").as_deref() {
        Ok(backend) => backend.parse().unwrap(),
        Err(_) => Backend::Auto,
    };
    match Engine::with_options(
        EngineOptions::default()
            .with_models(networks.manifest())
            .with_backend(backend),
    ) {
        Ok(engine) => println!("backend: {}", engine.backend().unwrap()),
        Err(error) => println!("error: {error}"),
    }
}

#[test]
fn a_library_named_by_a_variable_must_work() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.so");
    fs::write(&text, "no library").unwrap();
    for variable in ["PLATEWARDEN_ORT", "ORT_DYLIB_PATH"] {
        let output = child("child_builds_an_engine", &[(variable, &text)]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            said.contains("error: ") && said.contains("text.so is no ONNX Runtime library"),
            "{said}"
        );
    }
}

#[test]
fn an_unusable_library_that_was_only_found_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let capi = folder
        .path()
        .join("lib/python3.11/site-packages/onnxruntime/capi");
    fs::create_dir_all(&capi).unwrap();
    library_of_version(&capi, "OrtGetApiBase", "1.10.2");
    let nothing = folder.path().join("nothing");
    let variables = [
        ("VIRTUAL_ENV", folder.path()),
        ("PATH", nothing.as_path()),
        ("HOME", nothing.as_path()),
    ];
    let output = child("child_builds_an_engine", &variables);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // A machine may have a newer one on its library path; then that one runs.
    assert!(
        said.contains("backend: the embedded") || said.contains("backend: ONNX Runtime"),
        "{said}"
    );

    let mut asked = variables.to_vec();
    asked.push(("BACKEND", Path::new("onnxruntime")));
    let output = child("child_builds_an_engine", &asked);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("is version 1.10.2; expected 1.24") || said.contains("backend: ONNX Runtime"),
        "{said}"
    );
}
