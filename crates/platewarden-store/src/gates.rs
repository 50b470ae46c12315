//! What the store counts so that the gates can judge: who searched for what how often.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::model::{Actor, CertificationKind, CertificationRef, SearchRequest};
use rustc_hash::FxHashMap;

/// How long a search counts.
const DAYS: i64 = 30;

/// Permitted searches of the last 30 days by person and plate, as pseudonyms. The trail is what they are counted from:
/// this is read out of it when the store is opened.
#[derive(Debug, Default)]
pub(crate) struct Repeats(FxHashMap<(String, String), VecDeque<Timestamp>>);

impl Repeats {
    /// The first instant that still counts.
    pub(crate) fn since(now: Timestamp) -> Timestamp {
        now.checked_sub(SignedDuration::from_hours(24 * DAYS))
            .unwrap_or(Timestamp::MIN)
    }

    pub(crate) fn add(&mut self, user: String, plate: Option<String>, at: Timestamp) {
        if let Some(plate) = plate {
            self.0.entry((user, plate)).or_default().push_back(at);
        }
    }

    /// How many searches of the plate by the person count now.
    pub(crate) fn count(&mut self, user: &str, plate: &str, now: Timestamp) -> u32 {
        let Some(searches) = self.0.get_mut(&(user.to_owned(), plate.to_owned())) else {
            return 0;
        };
        let since = Self::since(now);
        searches.retain(|at| *at >= since);
        u32::try_from(searches.len()).unwrap_or(u32::MAX)
    }
}

/// Whether a person may approve what another one asks for.
pub(crate) fn may_approve(approver: &Actor, asker: &Actor) -> bool {
    let name = |actor: &Actor| actor.user.as_str().trim().to_lowercase();
    let credential = |actor: &Actor| actor.credential.as_str().trim().to_owned();
    !name(approver).is_empty()
        && name(approver) != name(asker)
        && (credential(approver).is_empty() || credential(approver) != credential(asker))
        && approver.person_proofed.is(&true)
        && approver.mfa.is(&true)
        && !approver.credential_shared.is(&true)
}

/// Puts the approval into the request if it counts, and takes out whatever claims to be one.
pub(crate) fn put_approval(request: &mut SearchRequest, approver: Option<&Actor>) {
    request
        .certifications
        .retain(|one| one.kind != CertificationKind::SecondApproval);
    if let Some(approver) = approver.filter(|approver| may_approve(approver, &request.actor)) {
        let approval = CertificationRef::new(CertificationKind::SecondApproval);
        request
            .certifications
            .push(approval.by(approver.user.as_str()));
    }
}
