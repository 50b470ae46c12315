//! The prefixes that a search goes through, each as a symbol after another prefix.

use rustc_hash::FxHashMap;

/// A node of the tree of prefixes: a symbol after another prefix.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) parent: usize,
    pub(super) symbol: usize,
}

/// A prefix with the probability of the paths that spell it, by whether they end in a blank.
#[derive(Clone, Copy)]
pub(super) struct Prefix {
    pub(super) node: usize,
    pub(super) blank: f64,
    pub(super) symbol: f64,
}

/// Where a prefix was last seen.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) step: usize,
    /// In the beam that the step makes.
    pub(super) place: usize,
}

/// All prefixes met so far.
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// One for each node.
    pub(super) seen: Vec<Seen>,
    children: FxHashMap<(usize, usize), usize>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            seen: Vec::new(),
            children: FxHashMap::default(),
        };
        tree.push(ROOT, NO_SYMBOL);
        tree
    }

    fn push(&mut self, parent: usize, symbol: usize) -> usize {
        self.nodes.push(Node { parent, symbol });
        self.seen.push(Seen {
            step: usize::MAX,
            place: 0,
        });
        self.nodes.len() - 1
    }

    pub(super) fn child(&mut self, parent: usize, symbol: usize) -> usize {
        if let Some(&node) = self.children.get(&(parent, symbol)) {
            return node;
        }
        let node = self.push(parent, symbol);
        self.children.insert((parent, symbol), node);
        node
    }

    /// The symbol that a prefix ends in.
    pub(super) fn last(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(NO_SYMBOL, |node| node.symbol)
    }
}

/// Best first.
pub(super) fn sort(beam: &mut [Prefix]) {
    beam.sort_unstable_by(|a, b| {
        (b.blank + b.symbol)
            .total_cmp(&(a.blank + a.symbol))
            .then(a.node.cmp(&b.node))
    });
}

/// The empty prefix.
pub(super) const ROOT: usize = 0;
/// What the empty prefix ends in.
pub(super) const NO_SYMBOL: usize = usize::MAX;
