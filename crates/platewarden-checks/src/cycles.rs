//! Cycles among the children of a module.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::resolve::Edge;

/// Children of a module that name one another in a circle.
#[derive(Debug)]
pub(crate) struct Cycle {
    /// Path of the parent, `::` between its segments.
    pub(crate) parent: String,
    /// Each child with a place at which it names the next.
    pub(crate) members: Vec<(String, String)>,
}

/// For each module, which of its children name which others, and where first.
type Siblings<'a> = BTreeMap<&'a [String], BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>>;

/// A shortest cycle through each group of siblings that has one.
pub(crate) fn among_siblings(edges: &[Edge]) -> Vec<Cycle> {
    let mut siblings = Siblings::new();
    for edge in edges {
        let common = edge
            .from
            .iter()
            .zip(&edge.to)
            .take_while(|(a, b)| a == b)
            .count();
        // Where one of them lies within the other, they are parent and child.
        if let (Some(from), Some(to)) = (edge.from.get(common), edge.to.get(common)) {
            siblings
                .entry(edge.from.get(..common).unwrap_or_default())
                .or_default()
                .entry(from)
                .or_default()
                .entry(to)
                .or_insert(&edge.place);
        }
    }
    let mut cycles = Vec::new();
    for (parent, graph) in siblings {
        let mut covered = BTreeSet::new();
        for &start in graph.keys() {
            if covered.contains(start) {
                continue;
            }
            if let Some(members) = shortest_cycle(&graph, start) {
                covered.extend(members.iter().map(|(name, _)| name.clone()));
                cycles.push(Cycle {
                    parent: parent.join("::"),
                    members,
                });
            }
        }
    }
    cycles
}

/// A shortest way from a child back to itself.
fn shortest_cycle(
    graph: &BTreeMap<&str, BTreeMap<&str, &str>>,
    start: &str,
) -> Option<Vec<(String, String)>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for (&next, _) in graph.get(node).into_iter().flatten() {
            if next == start {
                let mut names = vec![node];
                let mut last = node;
                while let Some(&before) = came_from.get(last) {
                    names.push(before);
                    last = before;
                }
                names.reverse();
                return Some(with_places(graph, &names));
            }
            if next != start && !came_from.contains_key(next) {
                came_from.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}

fn with_places(
    graph: &BTreeMap<&str, BTreeMap<&str, &str>>,
    names: &[&str],
) -> Vec<(String, String)> {
    let following = names.iter().cycle().skip(1);
    names
        .iter()
        .zip(following)
        .map(|(name, next)| {
            let place = graph.get(name).and_then(|edges| edges.get(next));
            let place = place.map_or_else(String::new, |place| (*place).to_owned());
            ((*name).to_owned(), place)
        })
        .collect()
}
