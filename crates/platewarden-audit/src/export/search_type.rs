//! What kind of search the platform recorded.

/// What kind of search the platform recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SearchType {
    /// `lookup`, `apiLookup`, `apiV1`: a plate.
    Lookup,
    /// `search`: a plate or a description.
    Search,
    /// `convoy`.
    Convoy,
    /// `freeform`: a prompt to a model.
    Freeform,
    /// `visual`: vehicles that look alike.
    Visual,
    /// `multiGeo`: vehicles seen at several places.
    MultiGeo,
    /// `mostSeenOcrValues`, `searchSummary`: counts about a plate.
    Summary,
    /// `hotlistAdd`: a plate put on a hotlist, out of an event log.
    HotlistAdd,
    /// A type that this version does not know, or none.
    Other,
}

impl SearchType {
    /// Reads the cell; a suffix ` - Mobile` says only where the app ran.
    #[must_use]
    pub fn parse(cell: &str) -> Self {
        let cell = cell.trim();
        let cell = cell.strip_suffix("Mobile").map_or(cell, |rest| {
            rest.trim_end().trim_end_matches(['-', '–']).trim_end()
        });
        match cell {
            "lookup" | "apiLookup" | "apiV1" => Self::Lookup,
            "search" => Self::Search,
            "convoy" => Self::Convoy,
            "freeform" => Self::Freeform,
            "visual" => Self::Visual,
            "multiGeo" => Self::MultiGeo,
            "mostSeenOcrValues" | "searchSummary" => Self::Summary,
            "hotlistAdd" => Self::HotlistAdd,
            other => [
                ("lookup", Self::Lookup),
                ("search", Self::Search),
                ("convoy", Self::Convoy),
                ("freeform", Self::Freeform),
                ("visual", Self::Visual),
                ("multigeo", Self::MultiGeo),
            ]
            .into_iter()
            .find(|(name, _)| other.eq_ignore_ascii_case(name))
            .map_or(Self::Other, |(_, kind)| kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_types_lose_their_suffix() {
        for (cell, kind) in [
            ("lookup", SearchType::Lookup),
            ("lookup - Mobile", SearchType::Lookup),
            ("multiGeo", SearchType::MultiGeo),
            ("FREEFORM", SearchType::Freeform),
            ("", SearchType::Other),
            ("Mobile", SearchType::Other),
        ] {
            assert_eq!(SearchType::parse(cell), kind, "{cell}");
        }
    }
}
