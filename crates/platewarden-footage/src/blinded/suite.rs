//! RFC 9497, mode VOPRF, suite ristretto255-SHA512: what the crate `voprf` does, with this crate's errors.

use rand_core::{CryptoRng, RngCore};
use voprf::{
    BlindedElement, EvaluationElement, Group, Proof, Ristretto255, VoprfClient, VoprfServer,
};
use zeroize::{Zeroize, Zeroizing};

use super::hex_bytes::HexBytes;
use crate::{Error, Result};

/// Identifier of the suite (RFC 9497, section 4.1).
pub(super) const SUITE: &str = "ristretto255-SHA512";

/// Bytes of a group element, `Ne`, and of a scalar, `Ns` (RFC 9497, section 4.1).
pub(super) const ELEMENT_BYTES: usize = 32;

/// Bytes of a proof: two scalars (RFC 9497, section 2.2.1).
pub(super) const PROOF_BYTES: usize = 64;

/// Bytes that are kept of the 64 of an output; the documentation of the module says why so many.
pub(super) const OUTPUT_BYTES: usize = 16;

/// A serialized group element.
pub(super) type Element = [u8; ELEMENT_BYTES];

/// A truncated output.
pub(super) type Output = HexBytes<OUTPUT_BYTES>;

/// What undoes the blinding of one element.
pub(super) type Blinding = VoprfClient<Ristretto255>;

/// The key of one request; overwritten with zeros when it is dropped.
pub(super) struct Key(VoprfServer<Ristretto255>);

impl Key {
    /// `DeriveKeyPair` (RFC 9497, section 3.2.1) of a random seed of 32 bytes.
    pub(super) fn derive(seed: &[u8; 32], info: &[u8]) -> Result<Self> {
        VoprfServer::new_from_seed(seed, info)
            .map(Self)
            .map_err(|error| fault("a key", error))
    }

    /// A key from its scalar.
    pub(super) fn from_bytes(scalar: &[u8; ELEMENT_BYTES]) -> Result<Self> {
        VoprfServer::new_with_key(scalar)
            .map(Self)
            .map_err(|error| fault("a secret key", error))
    }

    /// The scalar.
    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; ELEMENT_BYTES]> {
        let mut both = self.0.serialize();
        let mut scalar = Zeroizing::new([0; ELEMENT_BYTES]);
        for (to, from) in scalar.iter_mut().zip(both.iter()) {
            *to = *from;
        }
        both.iter_mut().zeroize();
        scalar
    }

    /// The public key.
    pub(super) fn public(&self) -> Element {
        Ristretto255::serialize_elem(self.0.get_public_key()).into()
    }

    /// `Evaluate` (RFC 9497, section 3.3.1): the output for an input that the holder of the key knows.
    pub(super) fn evaluate(&self, input: &[u8]) -> Result<Vec<u8>> {
        let output = self
            .0
            .evaluate(input)
            .map_err(|error| fault("an input", error))?;
        Ok(output.to_vec())
    }

    /// `BlindEvaluate` (RFC 9497, section 3.3.2): the elements under the key, and one proof for all of them.
    pub(super) fn blind_evaluate<R: RngCore + CryptoRng>(
        &self,
        elements: &[Element],
        random: &mut R,
    ) -> Result<(Vec<Element>, [u8; PROOF_BYTES])> {
        let blinded = elements
            .iter()
            .map(|element| BlindedElement::deserialize(element))
            .collect::<voprf::Result<Vec<BlindedElement<Ristretto255>>>>()
            .map_err(|error| fault("a blinded element", error))?;
        let result = self
            .0
            .batch_blind_evaluate(random, &blinded)
            .map_err(|error| fault("a batch", error))?;
        let evaluated = result
            .messages
            .iter()
            .map(|message| message.serialize().into())
            .collect();
        let mut proof = [0; PROOF_BYTES];
        for (to, from) in proof.iter_mut().zip(result.proof.serialize()) {
            *to = from;
        }
        Ok((evaluated, proof))
    }
}

/// A public key that is a point of the group.
#[derive(Clone, Copy)]
pub(super) struct PublicKey(<Ristretto255 as Group>::Elem);

impl PublicKey {
    /// Refuses what is no point in its one spelling, and the identity.
    pub(super) fn from_bytes(bytes: &Element) -> Result<Self> {
        Ristretto255::deserialize_elem(bytes)
            .map(Self)
            .map_err(|error| fault("a public key", error))
    }
}

/// `Blind` (RFC 9497, section 3.3.1): what undoes it, and the element to send.
pub(super) fn blind<R: RngCore + CryptoRng>(
    input: &[u8],
    random: &mut R,
) -> Result<(Blinding, Element)> {
    let result = VoprfClient::blind(input, random).map_err(|error| fault("an input", error))?;
    let element = result.message.serialize().into();
    Ok((result.state, element))
}

/// `Finalize` (RFC 9497, section 3.3.2): the outputs of 64 bytes, if the proof holds for all elements and this key.
#[allow(
    clippy::ptr_arg,
    reason = "voprf iterates over references to sized collections"
)]
pub(super) fn finalize(
    inputs: &Vec<Vec<u8>>,
    blindings: &Vec<Blinding>,
    evaluated: &[Element],
    proof: &[u8; PROOF_BYTES],
    public: &PublicKey,
) -> Result<Vec<Vec<u8>>> {
    let evaluated = evaluated
        .iter()
        .map(|element| EvaluationElement::deserialize(element))
        .collect::<voprf::Result<Vec<EvaluationElement<Ristretto255>>>>()
        .map_err(|error| fault("an evaluated element", error))?;
    let proof = Proof::deserialize(proof).map_err(|error| fault("a proof", error))?;
    VoprfClient::batch_finalize(inputs, blindings, &evaluated, &proof, public.0)
        .map_err(|error| fault("an answer", error))?
        .map(|output| output.map(|output| output.to_vec()))
        .collect::<voprf::Result<Vec<Vec<u8>>>>()
        .map_err(|error| fault("an input", error))
}

/// The first bytes of an output of 64 bytes.
pub(super) fn truncated(output: &[u8]) -> Result<Output> {
    output
        .first_chunk()
        .map(|bytes| HexBytes(*bytes))
        .ok_or_else(|| {
            let found = format!("{} bytes", output.len());
            Error::invalid("an output", "64 bytes", &found)
        })
}

/// An error of `voprf` as one of this crate.
fn fault(what: &str, error: voprf::Error) -> Error {
    match error {
        voprf::Error::Deserialization => Error::format(
            what,
            "the one encoding of a point other than the identity, or of a scalar other than zero (RFC 9497, section 4.1)",
            "other bytes",
        ),
        voprf::Error::ProofVerification => Error::signature(
            "the proof does not hold: the answer is not to this question, or not by the key of the request",
        ),
        other => Error::invalid(what, "what RFC 9497 admits", &other.to_string()),
    }
}
