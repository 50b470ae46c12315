//! Investigation codes: unique, short enough to read out, and checked for typing errors.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// Crockford's base 32: no I, L, O or U, so that nothing is misread.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 45 random bits.
const RANDOM_DIGITS: usize = 9;

/// The code by which residents and officers name a request: nine random characters and one that checks them, such as
/// `7K3MZ-Q9D4X`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvestigationCode(String);

impl InvestigationCode {
    pub(super) fn from_random(random: [u8; 8]) -> Self {
        let mut bits = u64::from_le_bytes(random);
        let mut digits = Vec::with_capacity(RANDOM_DIGITS + 1);
        for _ in 0..RANDOM_DIGITS {
            digits.push(bits & 31);
            bits >>= 5;
        }
        digits.push(check(&digits));
        let mut text: String = digits.iter().map(|digit| symbol(*digit)).collect();
        text.insert(5, '-');
        Self(text)
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InvestigationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for InvestigationCode {
    type Err = Error;

    /// Reads a code as people type it: case, spaces and dashes do not matter; I and L are 1, O is 0.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid(
                "investigation code",
                "ten characters such as `7K3MZ-Q9D4X`, of which the last checks the others",
                &format!("`{}`", text.chars().take(40).collect::<String>()),
            )
        };
        let typed = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase());
        let digits: Option<Vec<u64>> = typed
            .map(|c| match c {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            })
            .map(|c| {
                DIGITS
                    .iter()
                    .position(|digit| char::from(*digit) == c)
                    .and_then(|at| u64::try_from(at).ok())
            })
            .take(RANDOM_DIGITS + 2)
            .collect();
        let digits = digits
            .filter(|digits| digits.len() == RANDOM_DIGITS + 1)
            .ok_or_else(wrong)?;
        let (last, random) = digits.split_last().ok_or_else(wrong)?;
        if check(random) != *last {
            return Err(wrong());
        }
        let mut text: String = digits.iter().map(|digit| symbol(*digit)).collect();
        text.insert(5, '-');
        Ok(Self(text))
    }
}

impl Serialize for InvestigationCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for InvestigationCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn symbol(digit: u64) -> char {
    usize::try_from(digit)
        .ok()
        .and_then(|digit| DIGITS.get(digit))
        .map_or('0', |byte| char::from(*byte))
}

/// Odd weights modulo 32: any single wrong character shows, and most exchanges of neighbours do.
fn check(digits: &[u64]) -> u64 {
    digits
        .iter()
        .zip([1_u64, 3, 5, 7, 9, 11, 13, 15, 17])
        .map(|(digit, weight)| digit * weight)
        .sum::<u64>()
        % 32
}

/// The codes already given out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Codes(BTreeSet<InvestigationCode>);

impl Codes {
    /// Notes a code that is in use, such as one read from the audit trail. Returns whether it was new.
    pub fn note(&mut self, code: InvestigationCode) -> bool {
        self.0.insert(code)
    }

    /// Whether a code is in use.
    #[must_use]
    pub fn contains(&self, code: &InvestigationCode) -> bool {
        self.0.contains(code)
    }

    /// A code that is not in use, noted as used.
    pub(super) fn next(&mut self) -> Result<InvestigationCode, Error> {
        loop {
            let mut random = [0_u8; 8];
            getrandom::fill(&mut random).map_err(|error| Error::randomness(&error.to_string()))?;
            let code = InvestigationCode::from_random(random);
            if self.0.insert(code.clone()) {
                return Ok(code);
            }
        }
    }

    pub(super) fn release(&mut self, code: &InvestigationCode) {
        self.0.remove(code);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_is_read_back_as_people_type_it(random in any::<[u8; 8]>()) {
            let code = InvestigationCode::from_random(random);
            prop_assert_eq!(code.as_str().len(), 11);
            prop_assert_eq!(code.as_str().parse::<InvestigationCode>().unwrap(), code.clone());
            let typed = code.as_str().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            prop_assert_eq!(typed.parse::<InvestigationCode>().unwrap(), code);
        }

        #[test]
        fn one_wrong_character_shows(random in any::<[u8; 8]>(), at in 0_usize..11, other in 0_usize..32) {
            let code = InvestigationCode::from_random(random);
            let mut bytes = code.as_str().as_bytes().to_vec();
            let place = bytes.get_mut(at).unwrap();
            let new = *DIGITS.get(other).unwrap();
            if *place != b'-' && *place != new {
                *place = new;
                prop_assert!(String::from_utf8(bytes).unwrap().parse::<InvestigationCode>().is_err());
            }
        }
    }

    #[test]
    fn codes_do_not_repeat() {
        let mut codes = Codes::default();
        let first = codes.next().unwrap();
        assert!(codes.contains(&first) && !codes.note(first));
        assert!("".parse::<InvestigationCode>().is_err());
        assert!("0".repeat(5000).parse::<InvestigationCode>().is_err());
    }
}
