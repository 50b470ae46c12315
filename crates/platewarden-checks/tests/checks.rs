//! The checks find what is planted, and nothing in this workspace.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::{fs, path::Path};

use platewarden_checks::{MAX_LINES, Problem, Report, allowed, check_crate, check_workspace};

#[test]
fn workspace_has_no_cycles_and_no_long_functions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let report = check_workspace(&root).unwrap();
    assert!(report.crates > 1 && report.functions > 500, "{report:?}");
    let allowed = allowed(&root).unwrap();
    let problems: Vec<String> = report
        .problems
        .iter()
        .filter(|problem| !allowed.contains(&problem.key()))
        .map(Problem::to_string)
        .collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// A crate of these files.
fn check(files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut report = Report::default();
    check_crate(folder.path(), folder.path(), &mut report).unwrap();
    report
}

fn cycles(report: &Report) -> Vec<(String, Vec<String>)> {
    let cycle = |problem: &Problem| match problem {
        Problem::Cycle {
            parent, members, ..
        } => {
            let names = members.iter().map(|(name, _)| name.clone()).collect();
            Some((parent.clone(), names))
        }
        _ => None,
    };
    report.problems.iter().filter_map(cycle).collect()
}

#[test]
fn cycle_is_found_through_a_re_export_a_path_and_a_macro() {
    let root = "mod a; mod b; mod c; pub use c::C;";
    for (a, b, c) in [
        (
            "use crate::b::B; pub struct A;",
            "pub struct B; use super::a::A;",
            "pub struct C;",
        ),
        // The root hands on what `c` defines.
        (
            "use crate::C; pub struct A;",
            "pub struct B;",
            "pub struct C(crate::a::A);",
        ),
        (
            "pub struct A; fn f() { println!(\"{:?}\", crate::b::B) }",
            "pub struct B(crate::a::A);",
            "pub struct C;",
        ),
    ] {
        let report = check(&[("lib.rs", root), ("a.rs", a), ("b.rs", b), ("c.rs", c)]);
        assert_eq!(cycles(&report).len(), 1, "{a} {b} {c}: {report:?}");
    }
}

#[test]
fn cycle_of_three_below_the_root_is_named_with_its_parent() {
    let report = check(&[
        ("lib.rs", "mod p;"),
        ("p/mod.rs", "mod a; mod b; mod c; pub use a::A;"),
        ("p/a.rs", "pub struct A(super::b::B);"),
        ("p/b.rs", "pub struct B(crate::p::c::C);"),
        ("p/c.rs", "pub struct C(Vec<super::A>);"),
    ]);
    let names = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(cycles(&report), [("p".to_owned(), names)]);
}

#[test]
fn parents_children_and_tests_make_no_cycle() {
    let report = check(&[
        ("lib.rs", "mod a; mod b; pub use a::A; pub struct Root;"),
        (
            "a.rs",
            "pub struct A; use crate::Root; #[cfg(test)] mod tests { use crate::b::B; }",
        ),
        ("b.rs", "pub struct B(crate::A);"),
    ]);
    assert_eq!(cycles(&report), []);
}

#[test]
fn long_function_is_named_and_a_function_of_the_greatest_length_is_not() {
    let function = |lines: usize| {
        let body = "    let _ = 1;\n".repeat(lines - 2);
        format!("struct S;\nimpl S {{\nfn f() {{\n{body}}}\n}}\n")
    };
    assert_eq!(check(&[("lib.rs", &function(MAX_LINES))]).problems, []);
    let report = check(&[("lib.rs", &function(MAX_LINES + 1))]);
    assert!(
        matches!(
            &*report.problems,
            [Problem::LongFunction {
                line: 3,
                lines: 81,
                ..
            }]
        ),
        "{report:?}"
    );
}
