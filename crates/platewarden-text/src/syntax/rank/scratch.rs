//! Work space of a ranking.

use crate::syntax::symbol::Symbols;

/// Buffers that [`PlateSyntax::rank`](crate::syntax::PlateSyntax::rank) uses again from call to call. Make one for each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) items: Vec<Item>,
    pub(super) fits: Vec<(usize, u16, f64)>,
    pub(super) regions: Vec<f64>,
    pub(super) swaps: Vec<Swap>,
    pub(super) order: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) input: Option<usize>,
    /// `None` for text that syntax knows nothing about.
    pub(super) symbols: Option<Symbols>,
    pub(super) given: f64,
    /// Probability of the evidence after tempering and sharing between look-alikes.
    pub(super) evidence: f64,
    /// Work space of `share_between_look_alikes`.
    pub(super) shared: f64,
    /// Lift by formats, indexed by which symbols their plates draw alike (see `fold_kind`).
    pub(super) lifts: [f64; 4],
    pub(super) score: f64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Swap {
    pub(super) position: usize,
    pub(super) symbol: u8,
    /// Probability of the new symbol over that of the old one.
    pub(super) odds: f64,
}
