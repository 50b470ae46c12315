//! Tolerant reading of enums that carry data.
//!
//! Canonical JSON is `{"kind": "judicial_warrant", "id": "..."}`. Three shorter spellings mean the
//! same and are understood: the bare word `"active"`, the single-key object
//! `{"JudicialWarrant": {"id": "..."}}`, and `{"ReasonableSuspicion": "facts"}` for values whose
//! one field is a text.

use serde::de::Error as _;
use serde_json::{Map, Value};

/// Rewrites `value` to the canonical form with a snake-case `kind`.
pub(crate) fn canonical(value: Value, text_field: &str) -> Value {
    let mut map = match value {
        Value::String(word) => Map::from_iter([("kind".to_owned(), Value::String(word))]),
        Value::Object(map) if map.contains_key("kind") => map,
        Value::Object(map) if map.len() == 1 => {
            let mut out = Map::new();
            for (key, inner) in map {
                match inner {
                    Value::Object(fields) => out.extend(fields),
                    Value::String(text) => {
                        out.insert(text_field.to_owned(), Value::String(text));
                    }
                    Value::Null => {}
                    other => {
                        out.insert(text_field.to_owned(), other);
                    }
                }
                out.insert("kind".to_owned(), Value::String(key));
            }
            out
        }
        other => return other,
    };
    if let Some(Value::String(kind)) = map.get_mut("kind") {
        *kind = snake(kind);
    }
    Value::Object(map)
}

/// `JudicialWarrant` and `judicial warrant` become `judicial_warrant`.
pub(crate) fn snake(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    for c in word.trim().chars() {
        if c.is_ascii_uppercase() {
            if !out.is_empty()
                && !out.ends_with('_')
                && !out.ends_with(|p: char| p.is_ascii_uppercase())
            {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    out
}

/// Reads any JSON value and rewrites it; the error type is the caller's.
pub(crate) fn read<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
    text_field: &str,
) -> Result<Value, D::Error> {
    let value =
        <Value as serde::Deserialize>::deserialize(deserializer).map_err(D::Error::custom)?;
    Ok(canonical(value, text_field))
}

/// Implements `Serialize` and `Deserialize` for an enum that derives them with `remote = "Self"`,
/// so that input goes through [`canonical`] first.
macro_rules! tolerant_tagged {
    ($name:ty, $text_field:literal) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$name>::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = crate::model::tagged::read(deserializer, $text_field)?;
                <$name>::deserialize(value).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use tolerant_tagged;

#[cfg(test)]
mod tests {
    use super::{canonical, snake};
    use serde_json::json;

    #[test]
    fn all_spellings_become_one() {
        let want = json!({"kind": "reasonable_suspicion", "facts": "x"});
        for given in [
            json!({"kind": "ReasonableSuspicion", "facts": "x"}),
            json!({"ReasonableSuspicion": "x"}),
            json!({"reasonable suspicion": {"facts": "x"}}),
        ] {
            assert_eq!(canonical(given, "facts"), want);
        }
        assert_eq!(
            canonical(json!("Active"), "facts"),
            json!({"kind": "active"})
        );
        assert_eq!(snake("JudicialWarrant"), "judicial_warrant");
    }
}
