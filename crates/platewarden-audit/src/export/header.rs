//! Column names of the eras of search-log exports.

use platewarden_policy::model::same_token;

/// A column of a search-log export that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// `ID`: the search's UUID; not unique within a file.
    Id,
    /// `Name` of the searching officer.
    Name,
    /// `Org Name`: the searching agency.
    OrgName,
    /// `Total Networks Searched`.
    Networks,
    /// `Total Devices Searched`.
    Devices,
    /// `Time Frame`: the window that was searched.
    TimeFrame,
    /// `License Plate`.
    Plate,
    /// `Reason`: menu value, free text, or both.
    Reason,
    /// `Case #`.
    Case,
    /// `Filters`.
    Filters,
    /// `Search Time`: when the search was made.
    SearchTime,
    /// `Search Type`.
    SearchType,
    /// `Text Prompt` of a free-form search.
    TextPrompt,
    /// `Moderation` of a prompt, or a vendor's note.
    Moderation,
    /// The date alone, where an agency splits date and time.
    SearchDate,
}

impl Column {
    /// All columns, in the order of the superset; [`Column::SearchDate`] last, since it is not part of it.
    pub const ALL: [Self; 15] = [
        Self::Id,
        Self::Name,
        Self::OrgName,
        Self::Networks,
        Self::Devices,
        Self::TimeFrame,
        Self::Plate,
        Self::Reason,
        Self::Case,
        Self::Filters,
        Self::SearchTime,
        Self::SearchType,
        Self::TextPrompt,
        Self::Moderation,
        Self::SearchDate,
    ];

    /// The exact name in the superset of all eras.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::Name => "Name",
            Self::OrgName => "Org Name",
            Self::Networks => "Total Networks Searched",
            Self::Devices => "Total Devices Searched",
            Self::TimeFrame => "Time Frame",
            Self::Plate => "License Plate",
            Self::Reason => "Reason",
            Self::Case => "Case #",
            Self::Filters => "Filters",
            Self::SearchTime => "Search Time",
            Self::SearchDate => "Search Date",
            Self::SearchType => "Search Type",
            Self::TextPrompt => "Text Prompt",
            Self::Moderation => "Moderation",
        }
    }

    /// Further names: the portal's own-search export, and spellings with and without signs.
    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["printed id", "search id", "uuid"],
            Self::Name => &["user id", "user", "user name", "officer", "searched by"],
            Self::OrgName => &[
                "organization",
                "organization name",
                "org",
                "agency",
                "agency name",
            ],
            Self::Networks => &[
                "network count",
                "networks searched",
                "networks",
                "total networks",
            ],
            Self::Devices => &[
                "device count",
                "devices searched",
                "devices",
                "total devices",
            ],
            Self::TimeFrame => &["time range", "search window", "date range"],
            Self::Plate => &["licence plate", "plate", "plate number", "lp"],
            Self::Reason => &["search reason", "purpose", "offense type"],
            Self::Case => &["case number", "case", "case no", "case id"],
            Self::Filters => &["filter", "vehicle fingerprint"],
            Self::SearchTime => &[
                "time",
                "searched at",
                "search timestamp",
                "timestamp",
                "search date time",
                "search time utc",
            ],
            Self::SearchDate => &["date"],
            Self::SearchType => &["type"],
            Self::TextPrompt => &["prompt", "freeform prompt"],
            Self::Moderation => &["moderation result", "moderated"],
        }
    }

    fn is_named(self, label: &str) -> bool {
        // `Case #` folds to `case`; a bare `#` folds to nothing and names no column.
        same_token(label, self.name())
            || self.aliases().iter().any(|alias| same_token(label, alias))
    }
}

/// Where each understood column stands in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    positions: [Option<u16>; 15],
    width: usize,
    unknown: Vec<String>,
}

impl Header {
    /// Finds the columns by their labels.
    #[must_use]
    pub fn new<'a>(labels: impl Iterator<Item = &'a str>) -> Self {
        let mut header = Self {
            positions: [None; 15],
            width: 0,
            unknown: Vec::new(),
        };
        for (index, label) in labels.enumerate() {
            header.width = index + 1;
            let label = label.trim_start_matches('\u{feff}').trim();
            let column = Column::ALL
                .into_iter()
                .find(|column| column.is_named(label));
            // The first of two columns with one name counts: real files repeat none.
            match column.and_then(|column| header.positions.get_mut(column as usize)) {
                Some(slot @ None) => *slot = u16::try_from(index).ok(),
                _ if !label.is_empty() => header.unknown.push(label.to_owned()),
                _ => {}
            }
        }
        header
    }

    /// The position of a column, if the file has it.
    #[must_use]
    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions
            .get(column as usize)
            .copied()
            .flatten()
            .map(usize::from)
    }

    /// Whether the file has the column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.position(column).is_some()
    }

    /// How many labels the file has.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Labels that are not understood; their cells are not read.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Whether this is a log of searches: a time, and something that tells who or why.
    #[must_use]
    pub fn is_search_log(&self) -> bool {
        (self.has(Column::SearchTime) || self.has(Column::SearchDate))
            && (self.has(Column::Reason) || self.has(Column::OrgName) || self.has(Column::Plate))
    }
}
