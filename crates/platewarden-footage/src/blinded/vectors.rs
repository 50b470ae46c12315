//! The test vectors of RFC 9497, appendix A.1.2, through the functions that requests use.

use rand_core::{CryptoRng, RngCore};

use super::suite::{Element, Key, PROOF_BYTES, PublicKey, blind, finalize, truncated};
use crate::Result;

const SECRET_KEY: &str = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
const PUBLIC_KEY: &str = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
const BLIND: &str = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
const SECOND_BLIND: &str = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";
const LONG_INPUT: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
const OUTPUT: &str = "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d\
                      a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c";
const LONG_OUTPUT: &str = "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60\
                           356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6";

struct Vector {
    inputs: &'static [&'static str],
    blinds: &'static [&'static str],
    blinded: &'static [&'static str],
    evaluated: &'static [&'static str],
    proof: &'static str,
    proof_scalar: &'static str,
    outputs: &'static [&'static str],
}

const VECTORS: [Vector; 3] = [
    Vector {
        inputs: &["00"],
        blinds: &[BLIND],
        blinded: &["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"],
        evaluated: &["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"],
        proof: "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06\
                6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
        proof_scalar: SECOND_BLIND,
        outputs: &[OUTPUT],
    },
    Vector {
        inputs: &[LONG_INPUT],
        blinds: &[BLIND],
        blinded: &["cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"],
        evaluated: &["60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"],
        proof: "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a\
                67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
        proof_scalar: SECOND_BLIND,
        outputs: &[LONG_OUTPUT],
    },
    Vector {
        inputs: &["00", LONG_INPUT],
        blinds: &[BLIND, SECOND_BLIND],
        blinded: &[
            "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        ],
        evaluated: &[
            "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        ],
        proof: "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a\
                5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08",
        proof_scalar: "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
        outputs: &[OUTPUT, LONG_OUTPUT],
    },
];

/// Randomness of which each draw is the next of these scalars: a scalar is 64 random bytes, in little-endian order, modulo
/// the order of the group.
struct Scalars<'a>(std::slice::Iter<'a, Element>);

impl RngCore for Scalars<'_> {
    fn next_u32(&mut self) -> u32 {
        unreachable!("scalars are drawn as bytes")
    }

    fn next_u64(&mut self) -> u64 {
        unreachable!("scalars are drawn as bytes")
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
        let scalar = self.0.next().into_iter().flatten();
        for (to, from) in bytes.iter_mut().zip(scalar) {
            *to = *from;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Scalars<'_> {}

fn bytes<const N: usize>(digits: &str) -> [u8; N] {
    let mut bytes = [0; N];
    assert!(hex::decode_to_slice(digits, &mut bytes).is_ok());
    bytes
}

fn elements(digits: &[&str]) -> Vec<Element> {
    digits.iter().map(|digits| bytes(digits)).collect()
}

#[test]
fn keys_are_derived_as_the_rfc_says() -> Result<()> {
    let key = Key::derive(&[0xa3; 32], b"test key")?;
    assert_eq!(*key.to_bytes(), bytes(SECRET_KEY));
    assert_eq!(key.public(), bytes(PUBLIC_KEY));
    let read = Key::from_bytes(&bytes(SECRET_KEY))?;
    assert_eq!(read.public(), bytes(PUBLIC_KEY));
    assert!(Key::from_bytes(&[0; 32]).is_err() && Key::from_bytes(&[0xff; 32]).is_err());
    Ok(())
}

#[test]
fn the_vectors_of_the_rfc_hold() -> Result<()> {
    let key = Key::from_bytes(&bytes(SECRET_KEY))?;
    let public = PublicKey::from_bytes(&bytes(PUBLIC_KEY))?;
    for vector in &VECTORS {
        let inputs: Vec<Vec<u8>> = vector
            .inputs
            .iter()
            .filter_map(|input| hex::decode(input).ok())
            .collect();
        let scalars = elements(vector.blinds);
        let mut random = Scalars(scalars.iter());
        let blinded = inputs.iter().map(|input| blind(input, &mut random));
        let (blindings, blinded): (Vec<_>, Vec<_>) =
            blinded.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        assert_eq!(blinded, elements(vector.blinded));

        let scalar = [bytes(vector.proof_scalar)];
        let (evaluated, proof) = key.blind_evaluate(&blinded, &mut Scalars(scalar.iter()))?;
        assert_eq!(evaluated, elements(vector.evaluated));
        assert_eq!(proof, bytes::<PROOF_BYTES>(vector.proof));

        let outputs = finalize(&inputs, &blindings, &evaluated, &proof, &public)?;
        let digits: Vec<String> = outputs.iter().map(hex::encode).collect();
        assert_eq!(digits, vector.outputs);
        for (input, output) in inputs.iter().zip(&outputs) {
            assert_eq!(key.evaluate(input)?, *output);
            assert!(hex::encode(output).starts_with(&truncated(output)?.to_string()));
        }
    }
    Ok(())
}
