//! How far a law was read, as packs state it.

use crate::model::token::token_enum;

token_enum! {
    /// How far the law of a jurisdiction on one side of a search was read for the packs in use.
    ///
    /// What nobody read is never reported as no law.
    pub enum LawState ("state of the law") {
        /// Every section that bears on searches of reads was read.
        Read = "read",
        /// Some sections were read, or summaries of them.
        ReadInPart = "read_in_part",
        /// Nobody has read it.
        NotRead = "not_read",
        /// It was looked for and not found; that is no proof of absence.
        NoneFound = "none_found",
    }
}
