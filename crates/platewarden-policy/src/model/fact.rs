//! A fact that may be unknown.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

/// A value that is either known or not; unknown never equals false, zero or empty.
///
/// In JSON a known fact is the bare value; `null`, the word `"unknown"` and an absent key are
/// unknown. A rule that needs an unknown fact denies, and names the fact as the cure.
///
/// ```
/// use platewarden_policy::model::Fact;
/// let known: Fact<bool> = serde_json::from_str("true")?;
/// let unknown: Fact<bool> = serde_json::from_str("null")?;
/// assert_eq!(known, Fact::Known(true));
/// assert!(!unknown.is(&false));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Fact<T> {
    /// The value is established.
    Known(T),
    /// Nobody has established the value.
    #[default]
    Unknown,
}

impl<T> Fact<T> {
    /// The value, if known.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// Whether nobody has established the value.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl<T: PartialEq> Fact<T> {
    /// Whether the value is known and equals `other`.
    #[must_use]
    pub fn is(&self, other: &T) -> bool {
        self.known() == Some(other)
    }
}

impl<T> From<T> for Fact<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Fact<T>> for Option<T> {
    fn from(fact: Fact<T>) -> Self {
        match fact {
            Fact::Known(value) => Some(value),
            Fact::Unknown => None,
        }
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known().serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Fact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Through a JSON value rather than an untagged enum: the inner error message survives.
        let value = serde_json::Value::deserialize(deserializer)?;
        match &value {
            serde_json::Value::Null => Ok(Self::Unknown),
            serde_json::Value::String(word)
                if word.trim().is_empty() || word.eq_ignore_ascii_case("unknown") =>
            {
                Ok(Self::Unknown)
            }
            _ => T::deserialize(value)
                .map(Self::Known)
                .map_err(serde::de::Error::custom),
        }
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Fact<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Fact_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let inner = generator.subschema_for::<T>();
        schemars::json_schema!({
            "description": "The value; absent, null or \"unknown\" where nobody has established it (and unknown denies).",
            "anyOf": [inner, {"type": "null"}, {"const": "unknown"}],
        })
    }
}
