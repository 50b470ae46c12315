//! What a resident is told before anything leaves, and what the resident then says.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::document::VerifiedRequest;
use crate::obscure::Obscured;
use crate::scan::FootageMatch;

/// What may go along besides the clips: two choices of their own, both off where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    /// Street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A clip or photograph that was made of a match, ready to be looked at.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The match.
    pub found: FootageMatch,
    /// Name of the file in the package.
    pub name: String,
    /// Where it lies until the resident has decided.
    pub path: std::path::PathBuf,
    /// What was made unrecognisable in it.
    pub obscured: Obscured,
}

/// The text that tells a resident what sharing means. Dropping it is how a resident says no: nothing was written, and nobody is
/// told.
///
/// Its text is what consent is given to; [`Consent`] holds its digest.
#[derive(Debug)]
pub struct ConsentNotice {
    pub(crate) text: String,
    pub(crate) clips: Vec<Prepared>,
    pub(crate) disclosed: Disclosed,
    shown_at: Timestamp,
}

/// A resident's explicit yes to one notice.
#[derive(Debug)]
pub struct Consent {
    pub(crate) notice: ConsentNotice,
    pub(crate) record: ConsentStatement,
}

/// What a package says of the consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentStatement {
    /// SHA-256 of the notice: 64 hexadecimal digits.
    pub notice_sha256: String,
    /// When it was shown.
    pub shown_at: Timestamp,
    /// When the resident said yes.
    pub given_at: Timestamp,
    /// What goes along.
    pub disclosed: Disclosed,
}

impl ConsentNotice {
    /// The notice of these clips.
    #[must_use]
    pub fn new(
        request: &VerifiedRequest,
        clips: Vec<Prepared>,
        disclosed: Disclosed,
        at: Timestamp,
    ) -> Self {
        Self {
            text: text(request, &clips, &disclosed),
            clips,
            disclosed,
            shown_at: at,
        }
    }

    /// What the resident reads.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The clips, to be looked at.
    #[must_use]
    pub fn clips(&self) -> &[Prepared] {
        &self.clips
    }

    /// The resident's yes to all that the notice says.
    #[must_use]
    pub fn consent(self, at: Timestamp) -> Consent {
        let record = ConsentStatement {
            notice_sha256: hex::encode(Sha256::digest(self.text.as_bytes())),
            shown_at: self.shown_at,
            given_at: at,
            disclosed: self.disclosed.clone(),
        };
        Consent {
            notice: self,
            record,
        }
    }
}

impl Consent {
    /// What the package will say of it.
    #[must_use]
    pub fn record(&self) -> &ConsentStatement {
        &self.record
    }

    /// Takes it back, as long as nothing was handed over: nothing is written, and nobody is told.
    pub fn withdraw(self) {}
}

fn text(request: &VerifiedRequest, clips: &[Prepared], disclosed: &Disclosed) -> String {
    let particulars = request.particulars();
    let mut lines = particulars.heading();
    lines.push(String::new());
    lines.push(
        "If you say yes, this leaves your machine, sealed so that the agency alone can open it:"
            .to_owned(),
    );
    lines.extend(clips.iter().map(line));
    lines.extend(clips.iter().filter_map(|clip| clip.found.revealed.clone()));
    lines.push("- the names of your cameras above, SHA-256 of the recordings, versions of program and networks, this notice".to_owned());
    let choice = |what: &str, value: Option<&str>| format!("- {what}: {}", value.unwrap_or("no"));
    lines.push(choice("your address", disclosed.address.as_deref()));
    lines.push(choice("your e-mail address", disclosed.email.as_deref()));
    lines.push(String::new());
    lines.extend(particulars.destination());
    lines.join("\n")
}

/// What is said of one clip.
fn line(clip: &Prepared) -> String {
    let found = &clip.found;
    format!(
        "- {}: camera {}, {} to {}; `{}` was asked for, `{}` was read, {} probable: verify by eye. {:.0} % of the picture is kept, {}.",
        clip.name,
        found.footage.camera,
        found.seen.0,
        found.seen.1,
        found.wanted,
        found.read,
        platewarden::percent(found.probability),
        100.0 * clip.obscured.mean_kept(),
        clip.obscured.method,
    )
}
