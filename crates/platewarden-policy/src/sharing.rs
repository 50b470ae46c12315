//! Who an owner lets in: grants, declarations and revocations.
