//! A row of a log as a question to the law: what it shows, and which parts of a request nobody knows.

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::classifier::{Classification, Classifier};
use platewarden_policy::engine::{PartialDecision, Policy, RequestField, Unknowns};
use platewarden_policy::model::{
    AccessMode, Actor, Agency, AgencyKind, CaseRef, Dataset, Fact, Jurisdiction, OperatorKind,
    Purpose, PurposeKind, SearchRequest, ShareGrant, Target, TimeWindow,
};

use crate::export::{Column, Record, TimeFrame};

use super::agencies::Profile;
use super::texts::is_number;

/// Stands for a text that the record holds and that no rule reads.
const RECORDED: &str = "recorded";

/// How a cell of the row is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Filled {
    /// There is no such column, or the cell is masked.
    Hidden,
    /// The cell is blank.
    Blank,
    /// The cell says something.
    Said,
}

impl Filled {
    pub(super) fn of(record: &Record<'_>, column: Column) -> Self {
        match record.cell(column) {
            Some("") => Self::Blank,
            Some(cell) if !crate::export::is_mask(cell) => Self::Said,
            _ => Self::Hidden,
        }
    }
}

/// How the window of the row stands to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Frame {
    Unknown,
    Plausible,
    /// It ends before, or as, it starts.
    Backwards,
}

impl Frame {
    pub(super) fn of(frame: Option<TimeFrame>) -> Self {
        match frame {
            None => Self::Unknown,
            Some(frame) if frame.end <= frame.start => Self::Backwards,
            Some(_) => Self::Plausible,
        }
    }
}

/// Everything of a row that a decision depends on. Rows with one key have one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) profile: u32,
    /// For whom the search was made, where the log says so.
    pub(super) behalf: Option<u32>,
    /// Which law is in force: the number of changes before the search.
    pub(super) epoch: usize,
    pub(super) mode: AccessMode,
    pub(super) frame: Frame,
    pub(super) name: Filled,
    pub(super) case: Filled,
    pub(super) reason: Filled,
    /// What reason and prompt give away.
    pub(super) texts: (u64, u64),
    pub(super) other_login: bool,
    pub(super) many_networks: Option<bool>,
}

/// A row, as far as the law is concerned.
pub(super) struct Row<'a> {
    pub(super) key: Key,
    pub(super) time: Timestamp,
    pub(super) profile: &'a Profile,
    pub(super) behalf: Option<&'a Profile>,
    pub(super) reason: Option<&'a str>,
    pub(super) prompt: Option<&'a str>,
    pub(super) found: &'a Classification,
}

/// The data that was searched, as far as an audit knows it.
pub(super) fn dataset(place: Jurisdiction, owner: Option<&str>, overlays: &[String]) -> Dataset {
    let owner = owner.unwrap_or("owner of the data");
    let owner = Agency::new(owner, AgencyKind::Local, place).to_ref();
    // The search was carried out, so the owner's account settings let it through.
    let mut dataset = Dataset::new("audited", owner, place).with_share(ShareGrant::Network);
    dataset.operator = Fact::Known(OperatorKind::Government);
    for overlay in overlays {
        dataset = dataset.with_overlay(overlay.as_str());
    }
    dataset
}

/// Parts that no export of any era shows. A warrant and an emergency are not among them: a search under the account's own
/// login shows none, and nobody is presumed to have had one.
const NEVER_SHOWN: [RequestField; 11] = [
    RequestField::PersonProofed,
    RequestField::Mfa,
    RequestField::CredentialShared,
    RequestField::Training,
    RequestField::Contact,
    RequestField::OnBehalfOf,
    RequestField::Transfer,
    RequestField::Offence,
    RequestField::Suspicion,
    RequestField::Certifications,
    RequestField::Networks,
];

impl Row<'_> {
    /// Asks the law once. Nothing that the row does not show is filled in.
    pub(super) fn decide(
        &self,
        policy: &Policy,
        data: &Dataset,
        classifier: &mut Classifier<'static>,
    ) -> PartialDecision {
        let request = self.request(data);
        policy.decide_partial_with(&request, &self.unknowns(), |text| classifier.classify(text))
    }

    /// Which parts nobody knows. What the request holds is known, whatever is listed here.
    fn unknowns(&self) -> Unknowns {
        let key = &self.key;
        let mut fields: Vec<RequestField> = NEVER_SHOWN.to_vec();
        if key.name != Filled::Said {
            fields.push(RequestField::User);
        }
        if key.frame == Frame::Unknown {
            fields.push(RequestField::Window);
        }
        // A vague reason with a blank case number has nothing behind it; that is known.
        if !(self.found.is_vague() && key.case == Filled::Blank) {
            fields.push(RequestField::CaseRef);
        }
        if key.reason != Filled::Said {
            fields.push(RequestField::PurposeDetail);
        }
        // A directory that lists declarations is taken to be complete for the agency.
        if self.profile.agency.declarations.is_empty() {
            fields.push(RequestField::Declarations);
        }
        let unknowns = Unknowns::of(fields);
        if self.purpose().is_some() {
            return unknowns;
        }
        // Words without a sensitive term leave the purpose open, but not to a sensitive one.
        let open = |kind: &PurposeKind| !self.says_something() || !kind.is_sensitive();
        unknowns.with_purposes(PurposeKind::ALL.iter().copied().filter(open))
    }

    /// Whether the reason says anything.
    pub(super) fn says_something(&self) -> bool {
        self.key.reason == Filled::Said && !self.found.is_vague()
    }

    fn request(&self, data: &Dataset) -> SearchRequest {
        let mut agency = self.profile.agency.clone();
        if self.profile.owner {
            agency.id = data.owner.id.clone();
        }
        let mut actor = Actor {
            agency,
            ..Actor::default()
        };
        if self.key.name == Filled::Said {
            actor.user = RECORDED.into();
        }
        if self.key.other_login {
            actor.credential_shared = Fact::Known(true);
        }
        let mut request = SearchRequest::builder(actor, self.time)
            .mode(self.key.mode)
            .dataset(data.clone())
            .build();
        request.purpose = self
            .purpose()
            .map_or(Fact::Unknown, |kind| Fact::Known(Purpose::from(kind)));
        request.purpose_menu.clone_from(&self.found.menu);
        request.purpose_detail = self.free_text().map(str::to_owned);
        if self.key.case == Filled::Said || self.reason_is_number() {
            request.case_ref = Some(CaseRef::Case {
                id: RECORDED.to_owned(),
                active: Fact::Unknown,
            });
        }
        request.target = self.prompt.map(|text| Target::Prompt {
            text: text.to_owned(),
        });
        request.on_behalf_of = self.behalf.map(|party| party.agency.to_ref());
        let networks = |many| if many { 101 } else { 1 };
        request.networks_searched = self.key.many_networks.map(networks);
        request.window = self.window();
        request
    }

    /// The text behind the menu value; a menu value alone is a recorded reason, and a blank cell none.
    fn free_text(&self) -> Option<&str> {
        let text = self.reason.filter(|_| self.key.reason == Filled::Said)?;
        let Some(menu) = &self.found.menu else {
            return Some(text);
        };
        let rest = text.get(menu.len()..).unwrap_or_default();
        Some(rest.trim_start_matches([' ', '-', '–', '—'])).filter(|rest| !rest.is_empty())
    }

    /// A case number typed into the reason stands for the case.
    fn reason_is_number(&self) -> bool {
        self.found.is_vague() && self.reason.is_some_and(is_number)
    }

    /// The purpose that menu or words give.
    fn purpose(&self) -> Option<PurposeKind> {
        self.found.menu_purpose.or(self.found.text_purpose)
    }

    fn window(&self) -> Option<TimeWindow> {
        let day = SignedDuration::from_hours(24);
        let before = self.time.saturating_sub(day).unwrap_or(self.time);
        match self.key.frame {
            Frame::Unknown => None,
            // Half of the windows of real logs end after the search; that is the platform's doing.
            Frame::Plausible => Some(TimeWindow {
                start: before,
                end: self.time,
            }),
            Frame::Backwards => Some(TimeWindow {
                start: self.time,
                end: before,
            }),
        }
    }
}
