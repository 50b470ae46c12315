//! What a resident is told before sharing anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use platewarden_trail::Digest;

use super::area::Position;
use super::hash::sha256;
use super::manifest::Recording;
use super::request::Particulars;

/// A resident whom a request reaches. Address and e-mail go nowhere but into the notice shown to the resident and, with
/// consent, into the hand-over; the audit trail knows only a pseudonym that differs from request to request.
#[derive(Clone, Debug, PartialEq)]
pub struct Resident {
    /// The account; never written anywhere.
    pub account: String,
    /// Street address.
    pub address: String,
    /// E-mail address.
    pub email: String,
    /// Where the camera is.
    pub location: Position,
}

/// A request as it lies before one resident. Dropping it is how a resident ignores or declines a request: it leaves no
/// trace, and there is no method that would leave one.
#[derive(Debug)]
pub struct Invitation {
    pub(super) particulars: Particulars,
    pub(super) resident: Resident,
    pub(super) pseudonym: String,
}

impl Invitation {
    /// What the resident reads about the request.
    #[must_use]
    pub fn request(&self) -> &Particulars {
        &self.particulars
    }

    /// Ends the matter for this resident. Nobody is told, nothing is written.
    pub fn decline(self) {}

    /// Shows the resident what would go along with the chosen recordings. Nobody is told, nothing is written.
    #[must_use]
    pub fn show_notice(self, recordings: Vec<Recording>, at: Timestamp) -> ShownNotice {
        let notice = Notice::new(&self.particulars, &self.resident, &recordings);
        ShownNotice {
            invitation: self,
            recordings,
            notice,
            shown_at: at,
        }
    }
}

/// The text that tells a resident what sharing means, and its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The text, as shown.
    pub text: String,
    /// SHA-256 of the text.
    pub sha256: Digest,
}

impl Notice {
    fn new(particulars: &Particulars, resident: &Resident, recordings: &[Recording]) -> Self {
        let mut lines = particulars.heading();
        lines.extend([
            String::new(),
            "If you agree, this leaves your hands:".to_owned(),
        ]);
        lines.extend(recordings.iter().map(|recording| {
            format!(
                "- recording {} ({} to {}, {} bytes)",
                recording.name, recording.captured_from, recording.captured_to, recording.bytes
            )
        }));
        lines.push(format!("- your address: {}", resident.address));
        lines.push(format!("- your e-mail address: {}", resident.email));
        lines.push(String::new());
        lines.extend(particulars.destination());
        let text = lines.join("\n");
        Self {
            sha256: sha256(text.as_bytes()),
            text,
        }
    }
}

/// A notice that lies before a resident. Dropping it ignores the request: it leaves no trace.
#[derive(Debug)]
pub struct ShownNotice {
    pub(super) invitation: Invitation,
    pub(super) recordings: Vec<Recording>,
    pub(super) notice: Notice,
    pub(super) shown_at: Timestamp,
}

impl ShownNotice {
    /// The notice.
    #[must_use]
    pub fn notice(&self) -> &Notice {
        &self.notice
    }

    /// Ends the matter for this resident. Nobody is told, nothing is written.
    pub fn decline(self) {}
}

impl Particulars {
    /// The code by which residents and officers name the request.
    #[must_use]
    pub fn code(&self) -> &super::code::InvestigationCode {
        &self.code
    }

    /// The agency that asks.
    #[must_use]
    pub fn agency(&self) -> &super::agency::PostingAgency {
        &self.agency
    }

    /// What it states.
    #[must_use]
    pub fn form(&self) -> &super::form::RequestForm {
        &self.form
    }

    /// Who asks, what happened, where and when: how a notice to residents begins.
    #[must_use]
    pub fn heading(&self) -> Vec<String> {
        let (agency, form) = (&self.agency, &self.form);
        vec![
            format!(
                "{} ({}, {}) asks for recordings. Investigation code {}.",
                agency.name, agency.kind, agency.state, self.code
            ),
            format!("What happened: {}", form.incident),
            format!(
                "Where and when: {}, {} to {}.",
                form.area.name(),
                form.window.start,
                form.window.end
            ),
        ]
    }

    /// To whom recordings go, who else gets them, which law governs how long, and whom to ask: how a notice ends.
    #[must_use]
    pub fn destination(&self) -> Vec<String> {
        let (agency, form) = (&self.agency, &self.form);
        let mut lines = Vec::new();
        lines.push(format!(
            "It goes to {} and is stored in its evidence account {}.",
            agency.name, agency.evidence_account
        ));
        if let Some(principal) = &form.on_behalf_of {
            lines.push(format!("The agency asks on behalf of {}.", principal.id));
        }
        let others: Vec<String> = form
            .recipients()
            .iter()
            .map(|agency| match agency.kind.known() {
                Some(kind) => format!("{} ({kind})", agency.id),
                None => agency.id.to_string(),
            })
            .collect();
        lines.push(if others.is_empty() {
            "The agency states that it will pass nothing on to other agencies.".to_owned()
        } else {
            format!("The agency will pass it on to: {}.", others.join(", "))
        });
        let law = &form.retention_law;
        lines.push(format!(
            "How long it is kept afterwards is governed by the law of {}: {}. {}",
            law.jurisdiction, law.citation, law.summary
        ));
        lines.push(String::new());
        lines.push("You need not answer, and nobody learns that you did not. You can withdraw until the recordings are handed over, not after.".to_owned());
        let contact = [&form.investigator.telephone, &form.investigator.email]
            .into_iter()
            .filter(|part| !part.trim().is_empty());
        let contact: Vec<&str> = contact.map(String::as_str).collect();
        lines.push(format!(
            "Questions: {}, {}.",
            form.investigator.name,
            contact.join(", ")
        ));
        lines
    }
}
