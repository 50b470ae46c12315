//! What a resident is told of a match.

use std::fmt;

/// A match, for the resident alone: which read it is, and its text. The notice shows it before consent is asked for.
///
/// The request document names no plate, so that the resident would otherwise be asked to hand over a vehicle without knowing
/// which. The text is the resident's own read, which the resident's machine knew before; what is new is that the request asks
/// for a plate of this look, and [`texts`](Self::texts) says how many such plates there can be. Which of them the agency
/// seeks, the machine cannot tell.
///
/// The agency has no part in this and must get none before the consent: nothing of a match is sent anywhere, and it is
/// therefore not serializable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    pub(super) read: usize,
    pub(super) text: String,
    pub(super) target: usize,
    pub(super) texts: u64,
}

impl Reveal {
    /// Position of the read among those that were asked for, from 0.
    #[must_use]
    pub fn read(&self) -> usize {
        self.read
    }

    /// The read's text that matched: the first such candidate.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Position of the output that it matched in the request document, from 0.
    #[must_use]
    pub fn target(&self) -> usize {
        self.target
    }

    /// How many texts of digits and capital letters look like this one by the table of look-alikes, itself among them.
    #[must_use]
    pub fn texts(&self) -> u64 {
        self.texts
    }
}

/// A paragraph for the notice.
impl fmt::Display for Reveal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, texts, .. } = self;
        write!(f, "Your recording shows the plate {text}. ")?;
        match texts {
            1 => write!(f, "The request asks for this plate. ")?,
            _ => write!(
                f,
                "The request asks for this plate or for one of the {} that look like it; your machine cannot tell which. ",
                texts - 1
            )?,
        }
        write!(
            f,
            "Whoever asks has not been told of this match, and will not be unless you hand the recording over."
        )
    }
}
