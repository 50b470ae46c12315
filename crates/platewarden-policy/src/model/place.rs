//! Places: US states, the federal level, countries.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::token::token_enum;
use crate::Error;
use crate::error::Failure;

token_enum! {
    /// A US state, the District of Columbia or a territory, by its postal code.
    pub enum State ("US state") {
        /// Alabama.
        Al = "AL" | "US-AL" | "Alabama",
        /// Alaska.
        Ak = "AK" | "US-AK" | "Alaska",
        /// Arizona.
        Az = "AZ" | "US-AZ" | "Arizona",
        /// Arkansas.
        Ar = "AR" | "US-AR" | "Arkansas",
        /// California.
        Ca = "CA" | "US-CA" | "California",
        /// Colorado.
        Co = "CO" | "US-CO" | "Colorado",
        /// Connecticut.
        Ct = "CT" | "US-CT" | "Connecticut",
        /// Delaware.
        De = "DE" | "US-DE" | "Delaware",
        /// District of Columbia.
        Dc = "DC" | "US-DC" | "District of Columbia",
        /// Florida.
        Fl = "FL" | "US-FL" | "Florida",
        /// Georgia.
        Ga = "GA" | "US-GA" | "Georgia",
        /// Hawaii.
        Hi = "HI" | "US-HI" | "Hawaii",
        /// Idaho.
        Id = "ID" | "US-ID" | "Idaho",
        /// Illinois.
        Il = "IL" | "US-IL" | "Illinois",
        /// Indiana.
        In = "IN" | "US-IN" | "Indiana",
        /// Iowa.
        Ia = "IA" | "US-IA" | "Iowa",
        /// Kansas.
        Ks = "KS" | "US-KS" | "Kansas",
        /// Kentucky.
        Ky = "KY" | "US-KY" | "Kentucky",
        /// Louisiana.
        La = "LA" | "US-LA" | "Louisiana",
        /// Maine.
        Me = "ME" | "US-ME" | "Maine",
        /// Maryland.
        Md = "MD" | "US-MD" | "Maryland",
        /// Massachusetts.
        Ma = "MA" | "US-MA" | "Massachusetts",
        /// Michigan.
        Mi = "MI" | "US-MI" | "Michigan",
        /// Minnesota.
        Mn = "MN" | "US-MN" | "Minnesota",
        /// Mississippi.
        Ms = "MS" | "US-MS" | "Mississippi",
        /// Missouri.
        Mo = "MO" | "US-MO" | "Missouri",
        /// Montana.
        Mt = "MT" | "US-MT" | "Montana",
        /// Nebraska.
        Ne = "NE" | "US-NE" | "Nebraska",
        /// Nevada.
        Nv = "NV" | "US-NV" | "Nevada",
        /// New Hampshire.
        Nh = "NH" | "US-NH" | "New Hampshire",
        /// New Jersey.
        Nj = "NJ" | "US-NJ" | "New Jersey",
        /// New Mexico.
        Nm = "NM" | "US-NM" | "New Mexico",
        /// New York.
        Ny = "NY" | "US-NY" | "New York",
        /// North Carolina.
        Nc = "NC" | "US-NC" | "North Carolina",
        /// North Dakota.
        Nd = "ND" | "US-ND" | "North Dakota",
        /// Ohio.
        Oh = "OH" | "US-OH" | "Ohio",
        /// Oklahoma.
        Ok = "OK" | "US-OK" | "Oklahoma",
        /// Oregon.
        Or = "OR" | "US-OR" | "Oregon",
        /// Pennsylvania.
        Pa = "PA" | "US-PA" | "Pennsylvania",
        /// Rhode Island.
        Ri = "RI" | "US-RI" | "Rhode Island",
        /// South Carolina.
        Sc = "SC" | "US-SC" | "South Carolina",
        /// South Dakota.
        Sd = "SD" | "US-SD" | "South Dakota",
        /// Tennessee.
        Tn = "TN" | "US-TN" | "Tennessee",
        /// Texas.
        Tx = "TX" | "US-TX" | "Texas",
        /// Utah.
        Ut = "UT" | "US-UT" | "Utah",
        /// Vermont.
        Vt = "VT" | "US-VT" | "Vermont",
        /// Virginia.
        Va = "VA" | "US-VA" | "Virginia",
        /// Washington.
        Wa = "WA" | "US-WA" | "Washington",
        /// West Virginia.
        Wv = "WV" | "US-WV" | "West Virginia",
        /// Wisconsin.
        Wi = "WI" | "US-WI" | "Wisconsin",
        /// Wyoming.
        Wy = "WY" | "US-WY" | "Wyoming",
        /// Puerto Rico.
        Pr = "PR" | "US-PR" | "Puerto Rico",
        /// Guam.
        Gu = "GU" | "US-GU" | "Guam",
        /// US Virgin Islands.
        Vi = "VI" | "US-VI" | "US Virgin Islands",
        /// American Samoa.
        As = "AS" | "US-AS" | "American Samoa",
        /// Northern Mariana Islands.
        Mp = "MP" | "US-MP" | "Northern Mariana Islands",
    }
}

/// A country, by its ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Germany.
    pub const GERMANY: Self = Self(*b"DE");
    /// The United Kingdom.
    pub const UNITED_KINGDOM: Self = Self(*b"GB");

    /// The country with this two-letter code; `UK` is understood as `GB`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                let code = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
                Some(Self(if &code == b"UK" { *b"GB" } else { code }))
            }
            _ => None,
        }
    }

    /// The two-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only ASCII letters are ever stored, so the fallback is out of reach.
        std::str::from_utf8(&self.0).unwrap_or("??")
    }

    /// Whether the country is a member state of the European Union (as of 2026).
    #[must_use]
    pub fn is_eu_member(&self) -> bool {
        EU_MEMBERS.contains(&self.code())
    }
}

const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whose law applies: a US state, the US federal level, or a country.
///
/// Written `US-IL`, `US`, `DE`, `GB`. A bare postal code such as `IL` or a full name such as
/// `Illinois` is understood as the US state, except `DE` (Germany; Delaware is `US-DE`) and `MT`
/// (refused as ambiguous between Malta and Montana).
///
/// ```
/// use platewarden_policy::model::{Country, Jurisdiction, State};
/// assert_eq!("US-IL".parse::<Jurisdiction>()?, Jurisdiction::State(State::Il));
/// assert_eq!("DE".parse::<Jurisdiction>()?, Jurisdiction::Country(Country::GERMANY));
/// assert!("MT".parse::<Jurisdiction>().is_err());
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Jurisdiction {
    /// A US state, district or territory.
    State(State),
    /// The United States as such: federal agencies.
    UnitedStates,
    /// A country other than the United States.
    Country(Country),
}

impl Jurisdiction {
    /// The US state, if it is one.
    #[must_use]
    pub const fn state(&self) -> Option<State> {
        match self {
            Self::State(state) => Some(*state),
            Self::UnitedStates | Self::Country(_) => None,
        }
    }

    /// Whether it lies in the United States.
    #[must_use]
    pub const fn is_us(&self) -> bool {
        !matches!(self, Self::Country(_))
    }

    /// The code: `US-IL`, `US`, `DE`.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        match self {
            Self::State(state) => Cow::Owned(format!("US-{state}")),
            Self::UnitedStates => Cow::Borrowed("US"),
            Self::Country(country) => Cow::Owned(country.code().to_owned()),
        }
    }
}

impl From<State> for Jurisdiction {
    fn from(state: State) -> Self {
        Self::State(state)
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => write!(f, "US-{state}"),
            Self::UnitedStates => f.write_str("US"),
            Self::Country(country) => f.write_str(country.code()),
        }
    }
}

impl FromStr for Jurisdiction {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let code = text.trim();
        let wrong = |expected| {
            Error::from(Failure::Jurisdiction {
                found: text.to_owned(),
                expected,
            })
        };
        if let Some(state) = code
            .get(..3)
            .filter(|p| p.eq_ignore_ascii_case("US-"))
            .and_then(|_| code.get(3..))
        {
            return State::from_word(state)
                .map(Self::State)
                .ok_or_else(|| wrong("a US postal code after `US-`, such as `US-IL`"));
        }
        match code.to_ascii_uppercase().as_str() {
            "US" | "USA" | "UNITED STATES" | "FEDERAL" => return Ok(Self::UnitedStates),
            "MT" => return Err(wrong("`US-MT` for Montana; the bare code also names Malta")),
            "DE" => return Ok(Self::Country(Country::GERMANY)),
            _ => {}
        }
        if let Some(state) = State::from_word(code) {
            return Ok(Self::State(state));
        }
        Country::from_code(code)
            .map(Self::Country)
            .ok_or_else(|| wrong("a code such as `US-IL`, `US`, `DE` or `GB`"))
    }
}

impl Serialize for Jurisdiction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Jurisdiction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let place: Self = text.parse().map_err(serde::de::Error::custom)?;
        if place.code() == text {
            return Ok(place);
        }
        Err(serde::de::Error::custom(format!(
            "jurisdiction `{text}`: expected its code `{}`",
            place.code()
        )))
    }
}

/// A jurisdiction by its code, or a state by its postal code, for a key that is `state` as well as `jurisdiction`.
pub(super) fn code_or_postal_code<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Jurisdiction, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    if let Some(state) = State::ALL.iter().find(|state| state.as_str() == text) {
        return Ok(Jurisdiction::State(*state));
    }
    Jurisdiction::deserialize(serde::de::value::CowStrDeserializer::new(text))
}

impl schemars::JsonSchema for Jurisdiction {
    fn schema_name() -> Cow<'static, str> {
        "Jurisdiction".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "`US-` and a postal code (`US-IL`), `US` for the federal level, or an ISO 3166-1 country code (`DE`, `GB`). `DE` is Germany; Delaware is `US-DE`.",
            "examples": ["US-IL", "US-CA", "US", "DE", "GB"],
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn codes_round_trip() {
        for state in State::ALL {
            let jurisdiction = Jurisdiction::State(*state);
            assert_eq!(
                jurisdiction.to_string().parse::<Jurisdiction>().unwrap(),
                jurisdiction
            );
        }
        assert_eq!(
            "Illinois".parse::<Jurisdiction>().unwrap(),
            State::Il.into()
        );
        assert_eq!("IL".parse::<Jurisdiction>().unwrap(), State::Il.into());
        assert_eq!(
            "uk".parse::<Jurisdiction>().unwrap(),
            Jurisdiction::Country(Country::UNITED_KINGDOM)
        );
        assert!("US-ZZ".parse::<Jurisdiction>().is_err());
        assert!("".parse::<Jurisdiction>().is_err());
    }
}
