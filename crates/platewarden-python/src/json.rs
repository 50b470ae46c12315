//! The way of plain data between Python and the library.

use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Fault, Result};

/// A value as JSON.
pub(crate) fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| {
        Fault::new(
            "json",
            format!("the result cannot be written as JSON: {error}"),
            "report it where platewarden is developed",
        )
    })
}

/// Options from JSON; `what` names them in errors.
pub(crate) fn options<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        // The place in a text that the caller never saw says nothing.
        let error = error.to_string();
        let reason = error.split(" at line ").next().unwrap_or(&error);
        Fault::new(
            "invalid_option",
            format!("an option of {what} cannot be used: {reason}"),
            "give it a value of the type that its documentation says",
        )
    })
}
