//! Who may search a dataset, and on what ground.

use jiff::Timestamp;
use serde::Serialize;

use super::registry::Registry;
use crate::Error;
use crate::engine::Policy;
use crate::model::{
    Actor, Agency, AgencyId, Cure, Dataset, DatasetId, DeclarationId, Offence, OffenceJurisdiction,
    OffenceLevel, Outcome, Purpose, Reason, SearchRequest, ShareGrant, Suspicion,
};

/// On what an agency's access rests, or on what it founders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ground {
    /// It owns the data.
    Owner,
    /// A grant of the owner lets it in.
    Grant {
        /// The grant; empty where the dataset's undated `share` does.
        grant: String,
    },
    /// No grant of the owner lets it in.
    NoGrant,
    /// Its access was revoked.
    Revoked {
        /// The revocation.
        revocation: String,
    },
}

/// What an agency may do with a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The agency.
    pub agency: AgencyId,
    /// What the law and the owner's policy make of an ordinary criminal case of that agency. It is the outer bound: a
    /// search for another purpose is decided by itself and may be denied.
    pub outcome: Outcome,
    /// What the owner's side of it rests on.
    pub ground: Ground,
    /// Declarations on file towards the place of capture.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub declarations: Vec<DeclarationId>,
    /// Why, with citations.
    pub reasons: Vec<Reason>,
    /// What would open access where it is denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cures: Vec<Cure>,
}

impl Access {
    /// Whether the agency may search at all.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome.permits_any()
    }
}

impl Registry {
    /// How every agency on file stands towards a dataset at `as_of`, in order of their identifiers.
    ///
    /// Each is asked about by the same ordinary request, a case of a stolen vehicle under the law of the place of
    /// capture with everything stated that a law may want stated of the case; what is then denied is denied to the
    /// agency, not to the case.
    ///
    /// ```
    /// use platewarden_policy::engine::Policy;
    /// use platewarden_policy::model::*;
    /// use platewarden_policy::packs::Unverified;
    /// use platewarden_policy::sharing::{Grant, Registry};
    /// let start = parse_instant("2026-11-22")?;
    /// let owner = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    /// let mut registry = Registry::default();
    /// registry.add_dataset(
    ///     Dataset::new("springfield", owner.to_ref(), State::Il).with_share(ShareGrant::Network),
    /// );
    /// registry.add_agency(owner);
    /// registry.add_agency(Agency::new("dallas-pd", AgencyKind::Local, State::Tx));
    /// let access = registry.who_may_search(&Policy::bundled(Unverified::Allow)?, &"springfield".into(), start)?;
    /// // Texas has no declaration on file: 625 ILCS 5/2-130(c).
    /// let open: Vec<_> = access.iter().map(|access| (access.agency.as_str(), access.is_open())).collect();
    /// assert_eq!(open, [("dallas-pd", false), ("springfield-pd", true)]);
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the dataset is not on file.
    pub fn who_may_search(
        &self,
        policy: &Policy,
        dataset: &DatasetId,
        as_of: Timestamp,
    ) -> Result<Vec<Access>, Error> {
        self.known_dataset(dataset)?;
        self.agencies
            .keys()
            .map(|agency| self.access(policy, agency, dataset, as_of))
            .collect()
    }

    /// How one agency stands towards a dataset at `as_of`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the agency or the dataset is not on file.
    pub fn access(
        &self,
        policy: &Policy,
        agency: &AgencyId,
        dataset: &DatasetId,
        as_of: Timestamp,
    ) -> Result<Access, Error> {
        let found = self.agency_for(agency, dataset, as_of)?;
        let data = self.dataset_for(dataset, agency, as_of)?;
        let ground = self.ground(&found, &data, as_of);
        let place = data.captured_in.known().copied();
        let declarations = found.declarations.iter().filter(|declaration| {
            Some(declaration.jurisdiction) == place && declaration.in_force(as_of)
        });
        let declarations = declarations
            .map(|declaration| declaration.id.clone())
            .collect();
        let decision = policy.decide(&ordinary_request(found, data, as_of));
        Ok(Access {
            agency: agency.clone(),
            outcome: decision.outcome,
            ground,
            declarations,
            reasons: decision.reasons,
            cures: decision.cures,
        })
    }

    fn ground(&self, agency: &Agency, data: &Dataset, as_of: Timestamp) -> Ground {
        if let Some(revocation) = self.revocation_of(&agency.id, data, as_of) {
            return Ground::Revoked {
                revocation: revocation.id.clone(),
            };
        }
        if data.owner.id == agency.id {
            return Ground::Owner;
        }
        match self
            .grants(&data.id, as_of)
            .find(|grant| grant.covers(agency, data))
        {
            Some(grant) => Ground::Grant {
                grant: grant.id.clone(),
            },
            None if data
                .share
                .known()
                .is_some_and(|share| *share != ShareGrant::None) =>
            {
                Ground::Grant {
                    grant: String::new(),
                }
            }
            None => Ground::NoGrant,
        }
    }
}

fn ordinary_request(agency: Agency, data: Dataset, as_of: Timestamp) -> SearchRequest {
    let facts = "a vehicle reported stolen by its owner was seen in the area".to_owned();
    SearchRequest::builder(Actor::verified("registry", agency), as_of)
        .plate("AAA0000")
        .purpose(Purpose::StolenVehicleOrPlate)
        .reason("stolen vehicle")
        .case("registry")
        .offence(Offence::new(
            "240",
            OffenceLevel::Felony,
            OffenceJurisdiction::State,
        ))
        .suspicion(Suspicion::ReasonableSuspicion { facts })
        .transfer_to(Vec::new())
        .dataset(data)
        .build()
}
