//! What is signed: canonical JSON (RFC 8785) after a line that says what it is.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// Begins every signed text, so that a signature of one kind of document is none of another.
const CONTEXT: &str = "platewarden footage v1: ";

fn message(what: &str, body: &impl Serialize) -> Result<Vec<u8>> {
    let mut message = format!("{CONTEXT}{what}\n").into_bytes();
    let json =
        serde_json_canonicalizer::to_vec(body).map_err(|source| Error::json(what, source))?;
    message.extend(json);
    Ok(message)
}

/// SHA-256 of the canonical text, as 64 hexadecimal digits.
pub(crate) fn digest(what: &str, body: &impl Serialize) -> Result<String> {
    Ok(hex::encode(Sha256::digest(message(what, body)?)))
}

/// The signature, as 128 hexadecimal digits.
pub(crate) fn sign(what: &str, body: &impl Serialize, key: &SigningKey) -> Result<String> {
    Ok(hex::encode(key.sign(&message(what, body)?).to_bytes()))
}

/// Checks a signature made by [`sign`].
pub(crate) fn verify(
    what: &str,
    body: &impl Serialize,
    signature: &str,
    key: &VerifyingKey,
) -> Result<()> {
    let wrong = || {
        Error::signature(&format!(
            "the {what} is not what was signed, or another key signed it"
        ))
    };
    let mut bytes = [0; 64];
    hex::decode_to_slice(signature, &mut bytes).map_err(|_| wrong())?;
    key.verify(&message(what, body)?, &Signature::from_bytes(&bytes))
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]
    use super::*;

    #[test]
    fn a_signature_is_of_one_kind_of_document_and_of_its_meaning() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = key.verifying_key();
        let a = serde_json::json!({"b": 1.0, "a": "x"});
        let b: serde_json::Value = serde_json::from_str("{ \"a\": \"x\",\n \"b\": 1 }").unwrap();
        let signature = sign("request", &a, &key).unwrap();
        // Order, spaces and the spelling of numbers do not matter.
        verify("request", &b, &signature, &public).unwrap();
        assert!(verify("certificate", &a, &signature, &public).is_err());
        assert!(
            verify(
                "request",
                &serde_json::json!({"a": "y", "b": 1}),
                &signature,
                &public
            )
            .is_err()
        );
        assert!(verify("request", &a, "zz", &public).is_err());
    }
}
