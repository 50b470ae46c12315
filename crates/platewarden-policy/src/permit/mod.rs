//! Permits: what a store of reads asks for before it gives a row away.
//!
//! A decision can be printed, kept and argued about; a [`Permit`] can only be used up. It is made by a [`PermitIssuer`]
//! together with the decision, has no public field and no constructor, cannot be copied or written down, lives for
//! seconds, and is bound to one query: to its digest, the actor, the purpose, the case, the jurisdictions, the pack
//! versions and the caps. [`PermitIssuer::redeem`] takes it by value and gives a [`Grant`], which says what the rows
//! must be screened by.
//!
//! ```
//! use platewarden_policy::engine::Policy;
//! use platewarden_policy::model::*;
//! use platewarden_policy::packs::Unverified;
//! use platewarden_policy::permit::{Caps, PermitIssuer, QueryDigest};
//!
//! let issuer = PermitIssuer::new(Policy::bundled(Unverified::Allow)?)?;
//! let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
//! let reads = Dataset::new("springfield", police.to_ref(), State::Il);
//! let as_of = parse_instant("2026-11-22")?;
//! let request = SearchRequest::builder(Actor::verified("officer-7", police), as_of)
//!     .plate("AB12345")
//!     .purpose(Purpose::StolenVehicleOrPlate)
//!     .case("26-001234")
//!     .dataset(reads)
//!     .build();
//! let query = QueryDigest::of(&[b"AB12345"]);
//! let (decision, permit) = issuer.decide(&request, &query, Caps::default());
//! assert!(decision.outcome.permits_any());
//! let grant = issuer.redeem(permit.unwrap(), &request, &query, as_of).unwrap();
//! assert_eq!(grant.datasets().count(), 1);
//! # Ok::<(), platewarden_policy::Error>(())
//! ```

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::engine::{Policy, input_sha256};
use crate::error::Error;
use crate::error::Failure;
use crate::model::{Dataset, Decision, Obligation, SearchRequest, Site};

/// How long a permit lives where nobody says otherwise.
const LIFETIME: Duration = Duration::from_secs(30);

/// Digest of a query in its one spelling, with everything that changes which rows it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueryDigest([u8; 32]);

impl QueryDigest {
    /// The digest of these parts; their borders count.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher =
            blake3::Hasher::new_derive_key("platewarden-policy 2026 digest of a query");
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The most that a permit lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Caps {
    /// Rows of one answer.
    pub max_rows: u32,
}

impl Default for Caps {
    /// A hundred rows.
    fn default() -> Self {
        Self { max_rows: 100 }
    }
}

impl Caps {
    /// At most so many rows.
    #[must_use]
    pub fn with_max_rows(mut self, max_rows: u32) -> Self {
        self.max_rows = max_rows;
        self
    }
}

/// What a permit says of one dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Share {
    dataset: Dataset,
    clip_from: Option<Timestamp>,
    suppressed: Vec<Site>,
}

/// Leave to run one query, once, soon.
///
/// There is no way to make one but [`PermitIssuer::decide`]:
///
/// ```compile_fail
/// let permit = platewarden_policy::permit::Permit { binding: [0; 32] };
/// ```
///
/// It cannot be copied, nor used a second time:
///
/// ```compile_fail,E0599
/// fn copy(permit: &platewarden_policy::permit::Permit) -> platewarden_policy::permit::Permit {
///     permit.clone()
/// }
/// ```
///
/// ```compile_fail,E0382
/// use platewarden_policy::model::SearchRequest;
/// use platewarden_policy::permit::{Permit, PermitIssuer, QueryDigest};
/// fn twice(issuer: &PermitIssuer, permit: Permit, request: &SearchRequest, query: &QueryDigest) {
///     let _ = issuer.redeem(permit, request, query, request.as_of);
///     let _ = issuer.redeem(permit, request, query, request.as_of);
/// }
/// ```
#[must_use = "a permit that is not redeemed lets nothing through"]
pub struct Permit {
    nonce: [u8; 16],
    binding: [u8; 32],
    mac: [u8; 32],
    issued_at: Timestamp,
    issued: Instant,
    caps: Caps,
    shares: Vec<Share>,
    packs: Vec<String>,
}

impl Permit {
    /// Names the permit in the trail.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(self.nonce)
    }

    /// What it is bound to, as a digest in hexadecimal digits.
    #[must_use]
    pub fn binding(&self) -> String {
        hex::encode(self.binding)
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// What a redeemed permit lets through; made by [`PermitIssuer::redeem`] alone.
///
/// ```compile_fail
/// let grant = platewarden_policy::permit::Grant { shares: Vec::new() };
/// ```
#[derive(Debug)]
pub struct Grant {
    caps: Caps,
    shares: Vec<Share>,
}

impl Grant {
    /// The most that it lets through.
    #[must_use]
    pub fn caps(&self) -> Caps {
        self.caps
    }

    /// The datasets, each with the first instant that may be returned and the sites whose reads may not.
    pub fn datasets(&self) -> impl Iterator<Item = (&Dataset, Option<Timestamp>, &[Site])> {
        self.shares
            .iter()
            .map(|share| (&share.dataset, share.clip_from, share.suppressed.as_slice()))
    }
}

/// Why a permit was not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermitRefusal {
    /// No issuer of this process made it, or it was altered.
    Forged,
    /// It was made for another query, actor, purpose, case, place, set of packs or cap.
    Altered,
    /// Its time is up, or the clock went backwards since.
    Expired,
    /// It was redeemed before.
    Reused,
}

impl fmt::Display for PermitRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forged => "the permit was not made by this process; ask for a decision",
            Self::Altered => {
                "the permit was made for another query; ask for a decision on this one"
            }
            Self::Expired => "the permit has expired; ask for a decision again",
            Self::Reused => "the permit was used before; ask for a decision again",
        })
    }
}

impl std::error::Error for PermitRefusal {}

/// Decides, and makes and redeems permits. One for each store; `Send` and `Sync`.
pub struct PermitIssuer {
    policy: Policy,
    /// Never leaves the process: a permit of another process is a forgery.
    key: [u8; 32],
    lifetime: Duration,
    /// Redeemed permits, until they have expired anyway.
    spent: Mutex<BTreeMap<[u8; 16], Instant>>,
}

impl fmt::Debug for PermitIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIssuer")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl PermitIssuer {
    /// An issuer whose permits live for 30 seconds.
    ///
    /// # Errors
    ///
    /// [`Randomness`](crate::ErrorKind::Randomness) where the operating system gives none.
    pub fn new(policy: Policy) -> Result<Self, Error> {
        Ok(Self {
            policy,
            key: random()?,
            lifetime: LIFETIME,
            spent: Mutex::default(),
        })
    }

    /// The same issuer with another lifetime of permits.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The policy by which it decides.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Decides a request; a permit comes with the decision where it permits any dataset.
    #[must_use]
    pub fn decide(
        &self,
        request: &SearchRequest,
        query: &QueryDigest,
        caps: Caps,
    ) -> (Decision, Option<Permit>) {
        let decision = self.policy.decide(request);
        let permit = self.permit(request, query, caps, &decision);
        (decision, permit)
    }

    fn permit(
        &self,
        request: &SearchRequest,
        query: &QueryDigest,
        caps: Caps,
        decision: &Decision,
    ) -> Option<Permit> {
        let shares: Vec<Share> = decision
            .per_dataset
            .iter()
            .zip(&request.datasets)
            .filter(|(decided, data)| decided.permits() && decided.dataset == data.id)
            .map(|(decided, data)| share(data, &decided.obligations))
            .collect();
        if shares.is_empty() {
            return None;
        }
        let packs: Vec<String> = decision
            .packs
            .iter()
            .map(|pack| format!("{}@{}#{}", pack.id, pack.version, pack.sha256))
            .collect();
        let mut permit = Permit {
            nonce: random().ok()?,
            binding: binding(request, query, caps, &packs),
            mac: [0; 32],
            issued_at: request.as_of,
            issued: Instant::now(),
            caps,
            shares,
            packs,
        };
        permit.mac = self.mac(&permit);
        Some(permit)
    }

    /// Uses a permit up. `request` and `query` are those that are about to run, `now` is the wall clock.
    ///
    /// # Errors
    ///
    /// [`PermitRefusal`] where the permit is not one of this issuer's, is for something else, is too old, or was used.
    pub fn redeem(
        &self,
        permit: Permit,
        request: &SearchRequest,
        query: &QueryDigest,
        now: Timestamp,
    ) -> Result<Grant, PermitRefusal> {
        if !equal(&self.mac(&permit), &permit.mac) {
            return Err(PermitRefusal::Forged);
        }
        if !equal(
            &binding(request, query, permit.caps, &permit.packs),
            &permit.binding,
        ) {
            return Err(PermitRefusal::Altered);
        }
        let lifetime = SignedDuration::try_from(self.lifetime).unwrap_or(SignedDuration::ZERO);
        let age = permit.issued_at.duration_until(now);
        // Both clocks must agree that it is young: the wall clock may be set, the other cannot.
        if age.is_negative() || age > lifetime || permit.issued.elapsed() > self.lifetime {
            return Err(PermitRefusal::Expired);
        }
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.retain(|_, at| at.elapsed() <= self.lifetime * 2);
        if spent.insert(permit.nonce, Instant::now()).is_some() {
            return Err(PermitRefusal::Reused);
        }
        Ok(Grant {
            caps: permit.caps,
            shares: permit.shares,
        })
    }

    fn mac(&self, permit: &Permit) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&permit.nonce);
        hasher.update(&permit.binding);
        hasher.update(&permit.issued_at.as_nanosecond().to_le_bytes());
        hasher.update(&permit.caps.max_rows.to_le_bytes());
        for share in &permit.shares {
            field(&mut hasher, share.dataset.id.as_str());
            field(&mut hasher, &format!("{:?}", share.clip_from));
            field(&mut hasher, &format!("{:?}", share.suppressed));
        }
        for pack in &permit.packs {
            field(&mut hasher, pack);
        }
        *hasher.finalize().as_bytes()
    }
}

fn share(data: &Dataset, obligations: &[Obligation]) -> Share {
    let mut share = Share {
        dataset: data.clone(),
        clip_from: None,
        suppressed: Vec::new(),
    };
    for obligation in obligations {
        match obligation {
            Obligation::ClipWindow { from } => share.clip_from = share.clip_from.max(Some(*from)),
            Obligation::SuppressSites { sites } => share.suppressed.extend(sites),
            _ => {}
        }
    }
    share
}

/// What a permit is bound to. The request's own digest covers actor, purpose, case and datasets; they are named again so
/// that the list can be read here, and so that leaving a field out of the request's JSON cannot loosen a permit.
fn binding(request: &SearchRequest, query: &QueryDigest, caps: Caps, packs: &[String]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("platewarden-policy 2026 binding of a permit");
    hasher.update(&query.0);
    hasher.update(&input_sha256(request));
    field(&mut hasher, request.actor.user.as_str());
    field(&mut hasher, request.actor.credential.as_str());
    field(&mut hasher, request.actor.agency.id.as_str());
    field(&mut hasher, &format!("{:?}", request.purpose));
    field(&mut hasher, &format!("{:?}", request.case_ref));
    for data in &request.datasets {
        field(&mut hasher, data.id.as_str());
        field(&mut hasher, &format!("{:?}", data.captured_in));
    }
    for pack in packs {
        field(&mut hasher, pack);
    }
    hasher.update(&caps.max_rows.to_le_bytes());
    *hasher.finalize().as_bytes()
}

fn field(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

/// Comparison that takes the same time wherever the first difference is.
fn equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    blake3::Hash::from_bytes(*a) == blake3::Hash::from_bytes(*b)
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::from(Failure::Randomness {
            why: error.to_string(),
        })
    })?;
    Ok(bytes)
}
