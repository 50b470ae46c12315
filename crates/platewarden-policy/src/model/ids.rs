//! Identifiers: opaque texts that cannot be mixed up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($( $(#[$meta:meta])* $name:ident ),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<String>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

text_id! {
    /// One search request; echoed in its decision and in the audit trail.
    RequestId,
    /// One person's account.
    UserId,
    /// What the person signed in with.
    CredentialId,
    /// One agency, as the platform names it (an ORI where there is one).
    AgencyId,
    /// Reads held by one owner under one law.
    DatasetId,
    /// One agency's written declaration, or one certification.
    DeclarationId,
    /// One hold or preservation request.
    HoldId,
    /// One rule pack, such as `us-il`.
    PackId,
    /// One rule of a pack, such as `il-2-130-b2`.
    RuleId,
}
