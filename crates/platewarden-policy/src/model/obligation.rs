//! What is owed for a permitted search.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Site;
use super::token::token_enum;

token_enum! {
    /// A field of the access log.
    ///
    /// The list is the union of what every bundled pack asks for.
    pub enum LogField ("log field") {
        /// The account and the person.
        User = "user",
        /// The agency and its ORI.
        Agency = "agency",
        /// Whom the search is for.
        OnBehalfOf = "on_behalf_of",
        /// Date and time in UTC.
        Time = "time",
        /// How reads were reached.
        Mode = "mode",
        /// The plate or other data elements used.
        QueryElements = "query_elements",
        /// From when to when.
        Window = "window",
        /// Whose data, and how many networks.
        Networks = "networks",
        /// How many cameras.
        Cameras = "cameras",
        /// The purpose code.
        Purpose = "purpose",
        /// The purpose in words.
        PurposeText = "purpose_text",
        /// The offence code and whose law it breaks.
        Offence = "offence",
        /// The case or call number.
        CaseRef = "case_ref",
        /// The stated suspicion.
        Suspicion = "suspicion",
        /// The process.
        LegalProcess = "legal_process",
        /// The declaration or statement.
        Declaration = "declaration",
        /// The decision and its reasons.
        Decision = "decision",
        /// How many reads were returned.
        ResultCount = "result_count",
        /// To whom reads were disclosed.
        Recipients = "recipients",
        /// Name, telephone, e-mail and address of the person.
        Contact = "contact",
        /// The permissible-use code of an owner join.
        UseCode = "use_code",
    }
}

/// A duty.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Obligation {
    /// Write these fields to the access log.
    Log {
        /// The fields.
        #[schemars(with = "Vec<LogField>")]
        fields: Arc<[LogField]>,
    },
    /// Keep the audit trail so long.
    KeepAuditTrail {
        /// In days.
        days: u32,
    },
    /// Write the id of the declaration that the search rests on to the log.
    AttachDeclaration {
        /// The id; empty where the declaration has none.
        id: String,
    },
    /// Keep the statement under penalty of perjury with the log.
    PerjuryStatement,
    /// Record that a federal agency is involved, and which.
    RecordFederalNexus {
        /// The federal agency, or the term that names it.
        agency: String,
    },
    /// Tell the owner of the data.
    NotifyOwner,
    /// Do not pass results on.
    NoOnwardTransfer {
        /// Except to these.
        #[schemars(with = "String")]
        except: Arc<str>,
    },
    /// Use results for the stated case only.
    CaseSpecificOnly,
    /// Return no read captured before this instant.
    ClipWindow {
        /// The first instant that may be returned.
        from: Timestamp,
    },
    /// Return no read captured at these places.
    SuppressSites {
        /// The places.
        sites: Vec<Site>,
    },
    /// A person compares image and plate before a stop.
    HumanVerifyBeforeStop,
    /// A match alone is no reasonable suspicion.
    MatchAloneIsNotSuspicion,
    /// Remove the manually entered plate at the end of the shift unless the matter is still open.
    PurgeManualEntryAtShiftEnd,
    /// A supervisor reviews the search.
    SupervisorReview {
        /// In hours.
        within_hours: u32,
    },
    /// Supply the case or call number.
    CompleteCaseRef {
        /// In hours.
        within_hours: u32,
    },
    /// Count the search in a report.
    CountInReport {
        /// The report.
        #[schemars(with = "String")]
        report: Arc<str>,
        /// Its field.
        #[schemars(with = "String")]
        field: Arc<str>,
    },
    /// Publish the audit.
    PublishAudit {
        /// In days.
        within_days: u32,
    },
    /// Delete copies.
    DeleteCopiesAfter {
        /// In days.
        days: u32,
    },
    /// Remove personal data from the reason in any published log; keep the sealed original.
    RedactReasonOnPublish,
    /// Keep the process with the log.
    AttachProcess {
        /// Its number.
        id: String,
    },
    /// Write the id of the hold or preservation request to the log.
    AttachPreservation {
        /// The id.
        id: String,
    },
    /// Keep results confidential.
    KeepConfidential,
}
