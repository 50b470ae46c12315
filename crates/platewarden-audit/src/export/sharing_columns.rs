//! The columns of sharing lists.

use super::column::{Column, fold};

/// Where the columns of a sharing list stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) organization: usize,
    pub(super) shared_with_me: Option<usize>,
    pub(super) sharing: Option<usize>,
}

impl Columns {
    /// The columns, if the labels are those of a sharing list: an organisation, and what goes to it or comes from it.
    pub(super) fn find(labels: &[String]) -> Option<Self> {
        let folded: Vec<String> = labels.iter().map(|label| fold(label)).collect();
        let at = |test: &dyn Fn(&str) -> bool| folded.iter().position(|label| test(label));
        let shared_with_me = at(&|label| {
            label.contains("sharedwithme")
                || label.contains("sharedwithus")
                || label.contains("sharingwithme")
                || label.contains("sharingwithus")
                || label.contains("receivingfrom")
                || label == "inbound"
        });
        let sharing = at(&|label| {
            label.contains("imsharing")
                || label.contains("iamsharing")
                || label.contains("weresharing")
                || label.contains("wearesharing")
                || label.contains("weshare")
                || label.contains("ishare")
                || label.contains("sharedbyme")
                || label.contains("sharedbyus")
                || label.contains("sharedwiththem")
                || label.contains("hasaccess")
                || label == "outbound"
                || label == "sharing"
        });
        let organization = folded
            .iter()
            .position(|label| Column::of_label(label) == Some(Column::OrgName))
            .or_else(|| {
                at(&|label| label == "name" || label == "networks" || label == "sharedwith")
            });
        match (organization, shared_with_me, sharing) {
            (Some(organization), into, out) if into.is_some() || out.is_some() => Some(Self {
                organization,
                shared_with_me,
                sharing,
            }),
            _ => None,
        }
    }
}
