//! Closed vocabularies: one word per value, the same in JSON, packs and reports.

/// Whether two words name the same token when case, spaces and punctuation are ignored.
///
/// `StolenVehicleOrPlate`, `stolen_vehicle_or_plate` and `stolen vehicle or plate` are one token.
pub fn same_token(left: &str, right: &str) -> bool {
    let fold = |text: &str| -> Vec<u8> {
        text.bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|b| b.to_ascii_lowercase())
            .collect()
    };
    // Words that are pure punctuation fold to nothing and must not match each other.
    let left = fold(left);
    !left.is_empty() && left == fold(right)
}

/// What every closed vocabulary has: a name, its values and their words.
pub(crate) trait Token: enumset::EnumSetType + 'static {
    /// The vocabulary, such as `access mode`.
    const WHAT: &'static str;
    /// Every value.
    const VALUES: &'static [Self];

    /// The canonical word.
    fn word(self) -> &'static str;
}

/// Declares a fieldless enum whose values are words, with tolerant parsing and strict printing.
///
/// Each value has one canonical word (printed and published in the schema) and any number of
/// further words that are understood on input.
macro_rules! token_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident ($what:literal) {
            $( $(#[$vmeta:meta])* $variant:ident = $word:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, enumset::EnumSetType)]
        #[enumset(no_super_impls)]
        pub enum $name { $( $(#[$vmeta])* $variant, )+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// Every word that is understood, with its value: the canonical ones first among each value's.
            pub const WORDS: &'static [(&'static str, Self)] = &[
                $( ($word, Self::$variant), $( ($alias, Self::$variant), )* )+
            ];

            /// The canonical word, as printed in JSON, packs and reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The value named by `word`; case, spaces and punctuation do not matter.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                $( if crate::model::token::same_token(word, $word)
                    $( || crate::model::token::same_token(word, $alias) )*
                    || crate::model::token::same_token(word, stringify!($variant)) {
                    return Some(Self::$variant);
                } )+
                None
            }
        }

        impl crate::model::token::Token for $name {
            const WHAT: &'static str = $what;
            const VALUES: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::Error;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| crate::Error::from(crate::error::Failure::UnknownWord {
                    what: $what,
                    found: word.to_owned(),
                    expected: Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", "),
                }))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!($what, " (case, spaces and punctuation do not matter on input)"),
                    "enum": Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>(),
                })
            }
        }
    };
}
pub(crate) use token_enum;

#[cfg(test)]
mod tests {
    use super::same_token;

    #[test]
    fn case_and_punctuation_do_not_matter() {
        assert!(same_token(
            "StolenVehicleOrPlate",
            "stolen_vehicle_or_plate"
        ));
        assert!(!same_token("stolen", "stolen_vehicle"));
        assert!(!same_token("-", "_"));
    }
}
