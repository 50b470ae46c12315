//! A row of a log as a request, in the searcher's favour and as recorded.

use jiff::{SignedDuration, Timestamp};

use crate::export::{Column, Record, TimeFrame};
use platewarden_policy::classifier::{Classification, Classifier};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    AccessMode, Actor, Agency, AgencyKind, CaseRef, CertificationKind, CertificationRef, Contact,
    Dataset, Declaration, Fact, Jurisdiction, Offence, OffenceJurisdiction, OffenceLevel,
    OperatorKind, Purpose, PurposeKind, SearchRequest, ShareGrant, Suspicion, Target, TimeWindow,
};
use platewarden_policy::packs::PackSet;

use super::agencies::Profile;
use super::decide::Judgement;
use super::finding::Verdict;
use super::texts::is_number;

/// Stands for what no export shows.
const NOT_RECORDED: &str = "not in the record";

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
    pub(super) fn of(record: &Record, column: Column) -> Self {
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

/// What the two readings of a row share.
pub(super) struct Row<'a> {
    pub(super) key: Key,
    pub(super) time: Timestamp,
    pub(super) profile: &'a Profile,
    pub(super) behalf: Option<&'a Profile>,
    pub(super) reason: Option<&'a str>,
    pub(super) prompt: Option<&'a str>,
    pub(super) found: &'a Classification,
}

/// The place and owner of the data, and what its law may ask for in writing.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) dataset: Dataset,
    declarations: Vec<Declaration>,
}

impl Holder {
    pub(super) fn new(
        packs: &PackSet,
        place: Jurisdiction,
        owner: Option<&str>,
        overlays: &[String],
    ) -> Self {
        let owner = owner.unwrap_or("owner of the data");
        let mut dataset = Dataset::new(
            "audited",
            Agency::new(owner, AgencyKind::Local, place).to_ref(),
            place,
        );
        // The search was carried out, so the owner's account settings let it through.
        dataset = dataset.with_share(ShareGrant::Network);
        dataset.operator = Fact::Known(OperatorKind::Government);
        for overlay in overlays {
            dataset = dataset.with_overlay(overlay.as_str());
        }
        let declarations = packs.declarations_of(place);
        let declarations = declarations
            .map(|(jurisdiction, statute)| Declaration {
                id: NOT_RECORDED.into(),
                jurisdiction,
                statute: statute.to_owned(),
                text_sha256: None,
                signed_by: Some(NOT_RECORDED.to_owned()),
                signed_at: Fact::Known(Timestamp::UNIX_EPOCH),
                expires: None,
                scope: Vec::new(),
            })
            .collect();
        Self {
            dataset,
            declarations,
        }
    }
}

/// Papers that an export never shows. A release of a held search is not among them: the hold is the finding.
const PAPERS: [CertificationKind; 7] = [
    CertificationKind::PerjuryStatement,
    CertificationKind::WrittenCertification,
    CertificationKind::WrittenRequest,
    CertificationKind::WrittenAuthorization,
    CertificationKind::SeniorAuthorization,
    CertificationKind::TimeAndPlaceOrder,
    CertificationKind::UseCode,
];

impl Row<'_> {
    /// The judgement of all rows with this key.
    pub(super) fn judgement(
        &self,
        policy: &Policy,
        holder: &Holder,
        classifier: &mut Classifier<'static>,
        before_law: bool,
    ) -> Judgement {
        let favourable = self.favourable(holder);
        let lenient = policy.decide_with(&favourable, |text| classifier.classify(text));
        if lenient.outcome.permits_any() {
            let recorded = self.recorded(holder);
            let strict = policy.decide_with(&recorded, |text| classifier.classify(text));
            Judgement::of(&strict, Verdict::Insufficient, before_law)
        } else {
            Judgement::of(&lenient, Verdict::Questionable, before_law)
        }
    }

    /// In the searcher's favour: what the log does not show was in order.
    pub(super) fn favourable(&self, holder: &Holder) -> SearchRequest {
        let mut request = self.base(holder);
        let agency = &mut request.actor.agency;
        if agency.kind.is_unknown() {
            agency.kind = Fact::Known(AgencyKind::Local);
        }
        if agency.jurisdiction.is_unknown() {
            agency.jurisdiction = holder.dataset.captured_in;
        }
        // A directory that lists declarations is taken to be complete for the agency.
        if agency.declarations.is_empty() {
            agency.declarations.clone_from(&holder.declarations);
        }
        if request.actor.user.0.is_empty() {
            request.actor.user = NOT_RECORDED.into();
        }
        // A vague reason with a blank case number has nothing behind it; that is the finding.
        if request.case_ref.is_none() && !(self.found.is_vague() && self.key.case == Filled::Blank)
        {
            request.case_ref = Some(case(NOT_RECORDED));
        }
        if self.key.reason != Filled::Said {
            request.purpose_detail = None;
        }
        request
    }

    /// As recorded: blanks are blanks, and an unknown agency is unknown.
    pub(super) fn recorded(&self, holder: &Holder) -> SearchRequest {
        let mut request = self.base(holder);
        if self.key.case == Filled::Hidden && request.case_ref.is_none() {
            request.case_ref = Some(case(NOT_RECORDED));
        }
        if self.key.name == Filled::Hidden && request.actor.user.0.is_empty() {
            request.actor.user = NOT_RECORDED.into();
        }
        request
    }

    fn base(&self, holder: &Holder) -> SearchRequest {
        let mut agency = self.profile.agency.clone();
        if self.profile.owner {
            agency.id = holder.dataset.owner.id.clone();
        }
        let user = if self.key.name == Filled::Said {
            "recorded"
        } else {
            ""
        };
        let contact = Contact {
            name: NOT_RECORDED.to_owned(),
            telephone: NOT_RECORDED.to_owned(),
            email: NOT_RECORDED.to_owned(),
            address: NOT_RECORDED.to_owned(),
        };
        let mut actor = Actor::verified(user, agency).with_contact(contact);
        if self.key.other_login {
            actor.credential_shared = Fact::Known(true);
        }
        let mut request = SearchRequest::builder(actor, self.time)
            .mode(self.key.mode)
            .purpose(Purpose::from(self.purpose()))
            .suspicion(Suspicion::ProbableCause {
                facts: NOT_RECORDED.to_owned(),
            })
            .offence(Offence::new(
                NOT_RECORDED,
                OffenceLevel::Felony,
                OffenceJurisdiction::State,
            ))
            .transfer_to(Vec::new())
            .dataset(holder.dataset.clone())
            .build();
        request.certifications = PAPERS
            .into_iter()
            .map(|kind| CertificationRef {
                text: Some("(b)(1)".to_owned()),
                ..CertificationRef::new(kind).by(NOT_RECORDED)
            })
            .collect();
        request.purpose_menu.clone_from(&self.found.menu);
        let free = match &self.found.menu {
            Some(menu) => self.reason.map(|r| {
                r.get(menu.len()..)
                    .unwrap_or_default()
                    .trim_start_matches([' ', '-', '–', '—'])
            }),
            None => self.reason,
        };
        // A menu value alone is a recorded reason.
        request.purpose_detail = free
            .filter(|text| !text.is_empty() || self.found.menu.is_none())
            .map(str::to_owned);
        if self.key.case == Filled::Said || self.reason_is_number() {
            request.case_ref = Some(case("recorded"));
        }
        request.target = self.prompt.map(|text| Target::Prompt {
            text: text.to_owned(),
        });
        request.on_behalf_of = self.behalf.map(|party| party.agency.to_ref());
        request.networks_searched = self
            .key
            .many_networks
            .map(|many| if many { 101 } else { 1 });
        request.window = self.window();
        request
    }

    /// A case number typed into the reason stands for the case.
    fn reason_is_number(&self) -> bool {
        self.found.is_vague() && self.reason.is_some_and(is_number)
    }

    fn purpose(&self) -> PurposeKind {
        self.found
            .menu_purpose
            .or(self.found.text_purpose)
            .unwrap_or(PurposeKind::OtherCriminal)
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

fn case(id: &str) -> CaseRef {
    CaseRef::Case {
        id: id.to_owned(),
        active: Fact::Known(true),
    }
}
