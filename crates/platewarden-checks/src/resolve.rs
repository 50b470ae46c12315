//! Which module a path leads to, through re-exports.

use std::collections::BTreeMap;

use crate::parse::Module;

/// One module names something that another defines.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    /// File and line.
    pub(crate) place: String,
}

/// Deepest chain of re-exports that is followed.
const MAX_HOPS: usize = 16;

/// All edges of a crate.
pub(crate) fn edges(modules: &[Module]) -> Vec<Edge> {
    let table = Table(
        modules
            .iter()
            .map(|module| (module.path.as_slice(), module))
            .collect(),
    );
    let mut edges = Vec::new();
    for module in modules {
        for named in &module.names {
            if let Some(to) = table.definition(&module.path, &named.path, MAX_HOPS)
                && to != module.path
            {
                edges.push(Edge {
                    from: module.path.clone(),
                    to,
                    place: format!("{}:{}", module.file.display(), named.line),
                });
            }
        }
    }
    edges
}

/// The modules of a crate by their paths.
struct Table<'a>(BTreeMap<&'a [String], &'a Module>);

impl Table<'_> {
    /// The module that defines what a path names, seen from `here`; `None` for what is of another crate, or local.
    fn definition(&self, here: &[String], path: &[String], hops: usize) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.below(&[], rest, hops),
            "self" => self.below(here, rest, hops),
            "super" => self.below(here.get(..here.len().checked_sub(1)?)?, rest, hops),
            // A child, or something imported: where it was imported, that import has its own edge already.
            name if self.is_module(here, name) => self.below(here, path, hops),
            _ => None,
        }
    }

    /// The same for a path that starts in a module.
    fn below(&self, module: &[String], path: &[String], hops: usize) -> Option<Vec<String>> {
        let hops = hops.checked_sub(1)?;
        let Some((name, rest)) = path.split_first() else {
            return Some(module.to_vec());
        };
        if name == "super" {
            return self.below(module.get(..module.len().checked_sub(1)?)?, rest, hops);
        }
        if self.is_module(module, name) {
            let mut child = module.to_vec();
            child.push(name.clone());
            return self.below(&child, rest, hops);
        }
        let found = self.0.get(module)?;
        if found.items.contains(name) {
            return Some(module.to_vec());
        }
        if let Some(import) = found.uses.iter().find(|import| import.name == *name) {
            let mut target = import.path.clone();
            target.extend(rest.iter().cloned());
            return self.definition(module, &target, hops);
        }
        found
            .uses
            .iter()
            .filter(|import| import.name == "*")
            .find_map(|import| {
                let source = self.definition(module, &import.path, hops)?;
                let defines = self.0.get(source.as_slice())?;
                let is_there = defines.items.contains(name)
                    || defines.uses.iter().any(|import| import.name == *name);
                if is_there { self.below(&source, path, hops) } else { None }
            })
            // Something that a macro makes: it counts for the module it is looked for in.
            .or_else(|| Some(module.to_vec()))
    }

    fn is_module(&self, parent: &[String], name: &str) -> bool {
        let mut path = parent.to_vec();
        path.push(name.to_owned());
        self.0.contains_key(path.as_slice())
    }
}
