//! What nobody knows of a request.

use enumset::EnumSet;

use crate::model::PurposeKind;
use crate::model::token::token_enum;

token_enum! {
    /// A part of a request that may be unknown to whoever looks at it afterwards.
    ///
    /// Its word is the path of the part, as cures and reasons name it.
    pub enum RequestField ("request field") {
        /// Who searched.
        User = "actor.user",
        /// Whether the account is bound to one verified person.
        PersonProofed = "actor.person_proofed",
        /// Whether the session was opened with more than one factor.
        Mfa = "actor.mfa",
        /// Whether more than one person uses the credential.
        CredentialShared = "actor.credential_shared",
        /// Until when the searcher's training holds.
        Training = "actor.training_valid_until",
        /// The searcher's role.
        Role = "actor.role",
        /// Name, telephone, e-mail and address of the searcher.
        Contact = "actor.contact",
        /// Whether the agency is active, suspended, revoked.
        Status = "actor.agency.status",
        /// Which declarations the agency has signed.
        Declarations = "actor.agency.declarations",
        /// For whom the search was made.
        OnBehalfOf = "on_behalf_of",
        /// To whom results went.
        Transfer = "transfer_intended_to",
        /// What was searched for.
        Target = "target",
        /// The time searched.
        Window = "window",
        /// Why; see [`Unknowns::with_purposes`].
        Purpose = "purpose",
        /// The reason in words.
        PurposeDetail = "purpose_detail",
        /// The offence.
        Offence = "offence",
        /// The case, call or hotlist entry.
        CaseRef = "case_ref",
        /// On what suspicion.
        Suspicion = "suspicion",
        /// Which warrant or order was attached.
        LegalProcess = "legal_process",
        /// Whether it was an emergency.
        Exigency = "exigency",
        /// Which papers were attached.
        Certifications = "certifications",
        /// The list against which a match was made.
        MatchList = "match_list",
        /// How many networks were searched.
        Networks = "networks_searched",
        /// Which reads were in question.
        Reads = "datasets.reads",
        /// At which places the cameras stand.
        Sites = "datasets.sensitive_places",
    }
}

/// The parts of a request that nobody knows, as opposed to parts that are known to be absent.
///
/// A field that the request fills is known, whatever is listed here. Facts that are typed as
/// [`Fact`](crate::model::Fact) in the request, such as the kind of the agency, say themselves when they are unknown.
///
/// ```
/// use platewarden_policy::engine::{RequestField, Unknowns};
/// use platewarden_policy::model::PurposeKind;
/// // A log that shows neither who searched nor on what suspicion, and a text that names no sensitive purpose.
/// let unknowns = Unknowns::of([RequestField::User, RequestField::Suspicion])
///     .with_purposes(PurposeKind::ALL.iter().copied().filter(|kind| !kind.is_sensitive()));
/// assert!(unknowns.contains(RequestField::Purpose));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unknowns {
    fields: EnumSet<RequestField>,
    purposes: EnumSet<PurposeKind>,
}

impl Unknowns {
    /// These parts are unknown. A purpose that is listed here may be any.
    #[must_use]
    pub fn of(fields: impl IntoIterator<Item = RequestField>) -> Self {
        let fields: EnumSet<RequestField> = fields.into_iter().collect();
        let purposes = if fields.contains(RequestField::Purpose) {
            EnumSet::all()
        } else {
            EnumSet::empty()
        };
        Self { fields, purposes }
    }

    /// The purpose is unknown, and one of these.
    #[must_use]
    pub fn with_purposes(mut self, purposes: impl IntoIterator<Item = PurposeKind>) -> Self {
        self.fields |= RequestField::Purpose;
        self.purposes = purposes.into_iter().collect();
        self
    }

    /// Whether a part is unknown.
    #[must_use]
    pub fn contains(&self, field: RequestField) -> bool {
        self.fields.contains(field)
    }

    /// The purposes that the search may have besides those that the request gives.
    pub fn purposes(&self) -> impl Iterator<Item = PurposeKind> {
        self.purposes.iter()
    }

    pub(super) const fn purpose_set(&self) -> EnumSet<PurposeKind> {
        self.purposes
    }
}
