//! Files of a crate as modules with what they define and what they name.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Block, File, Item, ItemFn, ItemMacro, ItemMod, ItemUse, Signature, UseTree,
    parse_file,
    visit::{self, Visit},
};

/// A module, in a file of its own or inline.
#[derive(Debug)]
pub(crate) struct Module {
    /// Segments from the crate's root, which has none.
    pub(crate) path: Vec<String>,
    /// Its file.
    pub(crate) file: PathBuf,
    /// What is defined in it: types, functions, traits, constants.
    pub(crate) items: BTreeSet<String>,
    /// What it imports or re-exports.
    pub(crate) uses: Vec<Import>,
    /// The paths it names, imports among them.
    pub(crate) names: Vec<Named>,
    /// Its functions.
    pub(crate) functions: Vec<Function>,
}

/// A `use` of one name, or of all (`*`).
#[derive(Debug)]
pub(crate) struct Import {
    /// The name it has here; `*` for all.
    pub(crate) name: String,
    /// Where it comes from.
    pub(crate) path: Vec<String>,
}

/// A path that is named in a line.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// A function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// All modules of a crate, from its root file on; files are named from `base` on.
pub(crate) fn modules(base: &Path, root: &Path) -> io::Result<Vec<Module>> {
    let mut modules = Vec::new();
    read(root, Vec::new(), &mut modules)?;
    for module in &mut modules {
        if let Ok(file) = module.file.strip_prefix(base) {
            module.file = file.to_path_buf();
        }
    }
    Ok(modules)
}

/// Reads the module in a file and those that it declares.
fn read(file: &Path, path: Vec<String>, modules: &mut Vec<Module>) -> io::Result<()> {
    let text = fs::read_to_string(file)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))?;
    let File { items, .. } = parse_file(&text).map_err(|error| {
        let line = error.span().start().line;
        io::Error::other(format!("{}:{line}: {error}", file.display()))
    })?;
    add(file, path, &items, modules)
}

fn add(
    file: &Path,
    path: Vec<String>,
    items: &[Item],
    modules: &mut Vec<Module>,
) -> io::Result<()> {
    let mut collector = Collector(Module {
        path: path.clone(),
        file: file.to_path_buf(),
        items: BTreeSet::new(),
        uses: Vec::new(),
        names: Vec::new(),
        functions: Vec::new(),
    });
    let mut children = Vec::new();
    for item in items {
        match item {
            Item::Mod(module) if !is_test(&module.attrs) => children.push(module),
            Item::Mod(_) => {}
            other => {
                collector.0.items.extend(name_of(other));
                collector.visit_item(other);
            }
        }
    }
    modules.push(collector.0);
    for child in children {
        let mut path = path.clone();
        path.push(child.ident.to_string());
        match &child.content {
            Some((_, items)) => add(file, path, items, modules)?,
            None => read(&file_of(file, child, path.len()), path, modules)?,
        }
    }
    Ok(())
}

/// The file of a module declared in another file.
fn file_of(parent: &Path, module: &ItemMod, depth: usize) -> PathBuf {
    let folder = parent.parent().unwrap_or(parent);
    let stem = parent.file_stem().unwrap_or_default();
    let folder = if depth == 1 || stem == "mod" {
        folder.to_path_buf()
    } else {
        folder.join(stem)
    };
    let name = module.ident.to_string();
    let flat = folder.join(format!("{name}.rs"));
    if flat.is_file() {
        flat
    } else {
        folder.join(name).join("mod.rs")
    }
}

/// Whether an item is compiled for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let tokens = |attribute: &Attribute| match &attribute.meta {
            syn::Meta::List(list) => list.tokens.to_string(),
            _ => String::new(),
        };
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && {
                let tokens = tokens(attribute);
                tokens == "test" || tokens.starts_with("all (test") || tokens == "doctest"
            }
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines.
fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Macro(ItemMacro { ident, .. }) => ident.as_ref()?,
        _ => return None,
    };
    Some(name.to_string())
}

struct Collector(Module);

impl Collector {
    fn function(&mut self, name: String, signature: &Signature, block: &Block) {
        let line = signature.fn_token.span.start().line;
        let end = block.brace_token.span.close().end().line;
        self.0.functions.push(Function {
            name,
            line,
            lines: end + 1 - line,
        });
    }

    fn import(&mut self, tree: &UseTree, mut path: Vec<String>, line: usize) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.import(&tree.tree, path, line);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path.clone(), line);
                }
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let alias = if name == "self" {
                    path.last().cloned().unwrap_or_default()
                } else {
                    path.push(name.clone());
                    name
                };
                self.imported(alias, path, line);
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    path.push(rename.ident.to_string());
                }
                self.imported(rename.rename.to_string(), path, line);
            }
            UseTree::Glob(_) => self.imported("*".to_owned(), path, line),
        }
    }

    fn imported(&mut self, name: String, path: Vec<String>, line: usize) {
        self.0.names.push(Named {
            path: path.clone(),
            line,
        });
        self.0.uses.push(Import { name, path });
    }

    /// Paths within the arguments of a macro, which are tokens and no syntax yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut line = 0;
        let mut finish = |path: &mut Vec<String>, line| {
            if path.len() > 1 {
                let path = std::mem::take(path);
                self.0.names.push(Named { path, line });
            }
            path.clear();
        };
        let mut groups = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        finish(&mut path, line);
                    }
                    line = ident.span().start().line;
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    finish(&mut path, line);
                    colons = 0;
                    groups.push(group.stream());
                }
                _ => {
                    finish(&mut path, line);
                    colons = 0;
                }
            }
        }
        finish(&mut path, line);
        for group in groups {
            self.tokens(group);
        }
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    // The contents of a module within a function belong to the function's module.
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, Vec::new(), item.use_token.span.start().line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.0.names.push(Named {
            path: segments.collect(),
            line: path
                .segments
                .first()
                .map_or(0, |segment| segment.ident.span().start().line),
        });
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        let name = item.sig.ident.to_string();
        self.function(name, &item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let name = item.sig.ident.to_string();
        self.function(name, &item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}
