//! The columns of event logs: id, time, user, sort of event, sort of entity, details.

use super::column::fold;

/// Where the columns of an event log stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns([Option<usize>; 6]);

const LABELS: [&[&str]; 6] = [
    &["eventid", "id"],
    &["timestamp", "time", "eventtime", "date"],
    &["user", "username", "performedby"],
    &["eventtype", "action"],
    &["entitytype", "entity"],
    &["entitydetails", "details"],
];

impl Columns {
    /// The columns, if the labels are those of an event log: a time, what was done, and to what.
    pub(super) fn find(labels: &[String]) -> Option<Self> {
        let labels: Vec<String> = labels.iter().map(|label| fold(label)).collect();
        let positions = LABELS.map(|wanted| {
            wanted
                .iter()
                .find_map(|name| labels.iter().position(|label| label == name))
        });
        matches!(positions, [_, Some(_), _, Some(_), Some(_), _]).then_some(Self(positions))
    }

    /// Where the column with this number stands.
    pub(super) fn position(&self, index: usize) -> Option<usize> {
        self.0.get(index).copied().flatten()
    }
}
