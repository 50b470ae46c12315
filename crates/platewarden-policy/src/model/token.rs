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

/// The value whose canonical word this is: what JSON and packs say. Where another word was meant, the error names it.
pub(crate) fn canonical<T: Token>(word: &str, meant: Option<T>) -> crate::Result<T> {
    if let Some(value) = T::VALUES.iter().find(|value| value.word() == word) {
        return Ok(*value);
    }
    let words = T::VALUES.iter().map(|value| value.word());
    Err(crate::Error::from(crate::error::Failure::UnknownWord {
        what: T::WHAT,
        found: word.to_owned(),
        expected: match meant {
            Some(value) => format!("`{}`", value.word()),
            None => format!("one of {}", words.collect::<Vec<_>>().join(", ")),
        },
    }))
}

/// Declares a fieldless enum whose values are words.
///
/// Each value has one canonical word, the only one in JSON and packs, and any number of further words that are understood
/// where people type (`FromStr`) and where files of others are imported (`from_word`).
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
                    expected: format!("one of {}", Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", ")),
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
                crate::model::token::canonical(&word, Self::from_word(&word))
                    .map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": $what,
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
