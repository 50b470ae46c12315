//! Reading of enums that carry data.
//!
//! Canonical JSON is `{"kind": "judicial_warrant", "id": "..."}`. Where nothing but the kind is said, its word may stand for
//! the object: `"active"`. Any other spelling is an error.

use serde::de::Error as _;
use serde_json::{Map, Value};

/// Spells a bare word out as an object of that kind.
pub(crate) fn spelt_out(value: Value) -> Value {
    match value {
        Value::String(word) => {
            Value::Object(Map::from_iter([("kind".to_owned(), Value::String(word))]))
        }
        other => other,
    }
}

/// Reads any JSON value and spells a word out; the error type is the caller's.
pub(crate) fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let value =
        <Value as serde::Deserialize>::deserialize(deserializer).map_err(D::Error::custom)?;
    Ok(spelt_out(value))
}

/// Implements `Serialize` and `Deserialize` for an enum that derives them with `remote = "Self"`,
/// so that input goes through [`spelt_out`] first.
macro_rules! tagged_or_word {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$name>::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = crate::model::tagged::read(deserializer)?;
                <$name>::deserialize(value).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use tagged_or_word;

#[cfg(test)]
mod tests {
    use super::spelt_out;
    use serde_json::json;

    #[test]
    fn a_word_is_its_kind_and_nothing_else_is_guessed() {
        assert_eq!(spelt_out(json!("active")), json!({"kind": "active"}));
        let single = json!({"ReasonableSuspicion": "x"});
        assert_eq!(spelt_out(single.clone()), single);
    }
}
