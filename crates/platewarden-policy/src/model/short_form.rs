//! Short forms in the published schemas.

use schemars::Schema;

/// Lets a text stand for the object.
pub(crate) fn or_text(schema: &mut Schema) {
    let object = std::mem::take(schema);
    *schema = schemars::json_schema!({
        "anyOf": [object, {"type": "string", "description": "the short form: see the type's description"}],
    });
}

/// Adds `state`, a postal code, as the other way to say where something is.
pub(crate) fn or_state(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(properties) = object.get_mut("properties").and_then(|p| p.as_object_mut()) {
        properties.insert(
            "state".to_owned(),
            serde_json::json!({"type": "string", "description": "A US postal code, in place of the jurisdiction code.", "examples": ["IL"]}),
        );
    }
    object.insert(
        "additionalProperties".to_owned(),
        serde_json::Value::Bool(false),
    );
}
