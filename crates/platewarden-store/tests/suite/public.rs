//! The list of public functions that return rows is itself a test.

use std::fs;
use std::path::Path;

use syn::visit::Visit;

/// Types that are rows, or hold them.
const ROWS: [&str; 4] = ["Answer", "Row", "Observation", "Sighting"];

/// The names of types in a piece of source.
#[derive(Default)]
struct Names(Vec<String>);

impl<'s> Visit<'s> for Names {
    fn visit_path_segment(&mut self, segment: &'s syn::PathSegment) {
        self.0.push(segment.ident.to_string());
        syn::visit::visit_path_segment(self, segment);
    }
}

/// Public functions of the store's own source whose result names one of these types.
fn functions(folder: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for item in syn::parse_file(&text).unwrap().items {
                match item {
                    syn::Item::Fn(function) => look(&function.vis, &function.sig, "", out),
                    syn::Item::Impl(block) => {
                        let mut of = Names::default();
                        of.visit_type(&block.self_ty);
                        for inner in block.items {
                            if let syn::ImplItem::Fn(function) = inner {
                                look(&function.vis, &function.sig, &of.0[0], out);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

fn look(visibility: &syn::Visibility, signature: &syn::Signature, of: &str, out: &mut Vec<String>) {
    let mut names = Names::default();
    names.visit_return_type(&signature.output);
    let is_row = |name: &String| {
        let name = if name == "Self" { of } else { name.as_str() };
        ROWS.contains(&name)
    };
    if matches!(visibility, syn::Visibility::Public(_)) && names.0.iter().any(is_row) {
        out.push(format!("{of}::{}", signature.ident));
    }
}

#[test]
fn only_a_search_returns_rows() {
    let mut found = Vec::new();
    functions(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found.sort();
    // `Observation::new` makes one of the caller's own words; `search` is the only way to what is stored.
    assert_eq!(found, ["Observation::new", "Store::search"]);
}
