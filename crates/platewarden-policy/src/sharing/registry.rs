//! What is on file, and what of it was in force on a given day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::revocation::{Revocation, RevocationScope};
use crate::Error;
use crate::error::Failure;
use crate::model::{
    Agency, AgencyId, AgencyRef, Dataset, DatasetId, Declaration, DeclarationId, ShareGrant, Status,
};

/// Identifier of a grant.
pub type GrantId = String;

/// An owner lets others into a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Its identifier.
    pub id: GrantId,
    /// The dataset.
    pub dataset: DatasetId,
    /// Whom it lets in.
    pub to: ShareGrant,
    /// From when on.
    pub from: Timestamp,
    /// First instant at which it no longer holds; `None` for until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who at the owner granted it.
    pub granted_by: String,
}

impl Grant {
    /// Whether it is in force at `as_of`.
    #[must_use]
    pub fn in_force(&self, as_of: Timestamp) -> bool {
        self.from <= as_of && self.until.is_none_or(|end| as_of < end)
    }

    /// Whether it lets an agency into a dataset captured where `dataset` was.
    #[must_use]
    pub fn covers(&self, agency: &Agency, dataset: &Dataset) -> bool {
        let place = agency.jurisdiction.known();
        match &self.to {
            ShareGrant::None => false,
            ShareGrant::Network => true,
            ShareGrant::Statewide => place.is_some() && place == dataset.captured_in.known(),
            ShareGrant::Jurisdictions { jurisdictions } => {
                place.is_some_and(|place| jurisdictions.contains(place))
            }
            ShareGrant::Agencies { agencies } => agencies.contains(&agency.id),
        }
    }
}

/// A declaration that an agency has filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiledDeclaration {
    /// Whose it is.
    pub agency: AgencyId,
    /// What it says.
    pub declaration: Declaration,
    /// When it was filed; it has no effect before.
    pub filed_at: Timestamp,
    /// When it was withdrawn or rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// Agencies, datasets, grants, declarations and revocations, each with its dates.
///
/// ```
/// use platewarden_policy::model::*;
/// use platewarden_policy::sharing::{Grant, Registry};
/// let start = parse_instant("2026-01-01")?;
/// let mut registry = Registry::default();
/// let owner = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
/// registry.add_dataset(Dataset::new("springfield", owner.to_ref(), State::Il));
/// registry.add_agency(owner);
/// registry.add_agency(Agency::new("peoria-pd", AgencyKind::Local, State::Il));
/// registry.grant(Grant {
///     id: "g-1".into(),
///     dataset: "springfield".into(),
///     to: ShareGrant::Statewide,
///     from: start,
///     until: None,
///     granted_by: "Chief".into(),
/// })?;
/// let dataset = registry.dataset_for(&"springfield".into(), &"peoria-pd".into(), start)?;
/// assert_eq!(dataset.share, Fact::Known(ShareGrant::Statewide));
/// # Ok::<(), platewarden_policy::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    #[serde(default)]
    pub(super) agencies: BTreeMap<AgencyId, Agency>,
    #[serde(default)]
    pub(super) datasets: BTreeMap<DatasetId, Dataset>,
    #[serde(default)]
    pub(super) grants: Vec<Grant>,
    #[serde(default)]
    pub(super) declarations: Vec<FiledDeclaration>,
    #[serde(default)]
    pub(super) revocations: Vec<Revocation>,
}

impl Registry {
    /// Adds an agency, or replaces what is on file about it.
    pub fn add_agency(&mut self, agency: Agency) {
        self.agencies.insert(agency.id.clone(), agency);
    }

    /// Adds a dataset, or replaces what is on file about it. Its `share` counts only where no grant is on file: grants
    /// carry dates, `share` does not.
    pub fn add_dataset(&mut self, dataset: Dataset) {
        self.datasets.insert(dataset.id.clone(), dataset);
    }

    /// Files a grant.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the dataset is not on file, the identifier is taken, nobody signed, or
    /// the dates are the wrong way round.
    pub fn grant(&mut self, grant: Grant) -> Result<(), Error> {
        self.known_dataset(&grant.dataset)?;
        if self.grants.iter().any(|other| other.id == grant.id) {
            return Err(invalid("grant id", "one that is not taken", &grant.id));
        }
        if grant.granted_by.trim().is_empty() {
            return Err(invalid("grant", "the name of who granted it", "none"));
        }
        if let Some(until) = grant.until.filter(|until| *until <= grant.from) {
            return Err(invalid(
                "grant",
                "an end after its beginning",
                &until.to_string(),
            ));
        }
        self.grants.push(grant);
        Ok(())
    }

    /// Ends a grant at `at`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where there is no such grant, or it ended before.
    pub fn end_grant(&mut self, id: &str, at: Timestamp) -> Result<(), Error> {
        let grant = self.grants.iter_mut().find(|grant| grant.id == id);
        let grant = grant.ok_or_else(|| invalid("grant id", "a grant on file", id))?;
        if let Some(until) = grant.until.filter(|until| *until <= at) {
            return Err(invalid(
                "grant",
                "one that has not ended yet",
                &format!("one that ended {until}"),
            ));
        }
        grant.until = Some(at);
        Ok(())
    }

    /// Files an agency's declaration as of `at`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the agency is not on file, or the declaration lacks its statute, its
    /// signer, its date, the SHA-256 of its text, or an identifier of its own; or where it was signed after `at`, or lapses
    /// before it was signed.
    pub fn file_declaration(
        &mut self,
        agency: &AgencyId,
        declaration: Declaration,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.known_agency(agency)?;
        let lacks = |what: &str| Err(invalid("declaration", what, "none"));
        if declaration.id.as_str().trim().is_empty() {
            return lacks("an id, since the log names the declaration that a search rests on");
        }
        if self
            .declarations
            .iter()
            .any(|filed| filed.declaration.id == declaration.id)
        {
            return Err(invalid(
                "declaration id",
                "one that is not taken",
                declaration.id.as_str(),
            ));
        }
        if declaration.statute.trim().is_empty() {
            return lacks("the statute whose observance it affirms");
        }
        if declaration
            .signed_by
            .as_deref()
            .is_none_or(|name| name.trim().is_empty())
        {
            return lacks("the name of who signed it");
        }
        let digest = declaration.text_sha256.as_deref().unwrap_or_default();
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid(
                "declaration",
                "the SHA-256 of its text in 64 hexadecimal digits",
                &format!("`{digest}`"),
            ));
        }
        match declaration.signed_at.known() {
            None => return lacks("the date on which it was signed"),
            Some(signed) if *signed > at => {
                return Err(invalid(
                    "declaration",
                    "a signature no later than its filing",
                    &signed.to_string(),
                ));
            }
            Some(signed) if declaration.expires.is_some_and(|end| end <= *signed) => {
                return Err(invalid(
                    "declaration",
                    "an end after its signature",
                    &declaration
                        .expires
                        .map(|end| end.to_string())
                        .unwrap_or_default(),
                ));
            }
            Some(_) => {}
        }
        self.declarations.push(FiledDeclaration {
            agency: agency.clone(),
            declaration,
            filed_at: at,
            ended_at: None,
        });
        Ok(())
    }

    /// Ends a declaration: its signer withdrew it, or the owner no longer trusts it.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where there is no such declaration, or it was ended before.
    pub fn end_declaration(&mut self, id: &DeclarationId, at: Timestamp) -> Result<(), Error> {
        let filed = self
            .declarations
            .iter_mut()
            .find(|filed| filed.declaration.id == *id);
        let filed =
            filed.ok_or_else(|| invalid("declaration id", "a declaration on file", id.as_str()))?;
        if filed.ended_at.is_some() {
            return Err(invalid(
                "declaration",
                "one that has not been ended",
                id.as_str(),
            ));
        }
        filed.ended_at = Some(at);
        Ok(())
    }

    /// The agency as it stood towards a dataset at `as_of`: its declarations then on file, and whether it was revoked.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the agency or the dataset is not on file.
    pub fn agency_for(
        &self,
        agency: &AgencyId,
        dataset: &DatasetId,
        as_of: Timestamp,
    ) -> Result<Agency, Error> {
        let mut found = self.known_agency(agency)?.clone();
        let data = self.known_dataset(dataset)?;
        let filed = self
            .declarations
            .iter()
            .filter(|filed| filed.agency == *agency);
        found.declarations.extend(
            filed
                .filter(|filed| {
                    filed.filed_at <= as_of && filed.ended_at.is_none_or(|end| as_of < end)
                })
                .map(|filed| filed.declaration.clone()),
        );
        if let Some(revocation) = self.revocation_of(agency, data, as_of) {
            found.status = Status::Revoked {
                by: Some(revocation.owner.clone()),
                network: match &revocation.scope {
                    RevocationScope::Jurisdiction { jurisdiction } => Some(*jurisdiction),
                    RevocationScope::Datasets { .. } | RevocationScope::Owner => None,
                },
                dataset: Some(dataset.clone()),
                reason: Some(revocation.reason.clone()),
                since: Some(revocation.from),
            };
        }
        Ok(found)
    }

    /// The dataset as the grants of `as_of` opened it to an agency: `share` is the grant that lets it in, or
    /// [`ShareGrant::None`].
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the agency or the dataset is not on file.
    pub fn dataset_for(
        &self,
        dataset: &DatasetId,
        agency: &AgencyId,
        as_of: Timestamp,
    ) -> Result<Dataset, Error> {
        let agency = self.known_agency(agency)?;
        let mut data = self.known_dataset(dataset)?.clone();
        let mut on_file = self
            .grants
            .iter()
            .filter(|grant| grant.dataset == *dataset)
            .peekable();
        if on_file.peek().is_some() {
            let grant = on_file.find(|grant| grant.in_force(as_of) && grant.covers(agency, &data));
            data.share = grant
                .map_or(ShareGrant::None, |grant| grant.to.clone())
                .into();
        }
        Ok(data)
    }

    /// The grants on a dataset that are in force at `as_of`.
    pub fn grants(&self, dataset: &DatasetId, as_of: Timestamp) -> impl Iterator<Item = &Grant> {
        self.grants
            .iter()
            .filter(move |grant| grant.dataset == *dataset && grant.in_force(as_of))
    }

    /// All declarations ever filed, in order of filing.
    #[must_use]
    pub fn declarations(&self) -> &[FiledDeclaration] {
        &self.declarations
    }

    /// All revocations ever made, in order.
    #[must_use]
    pub fn revocations(&self) -> &[Revocation] {
        &self.revocations
    }

    /// All agencies on file, in order of their identifiers.
    pub fn agencies(&self) -> impl Iterator<Item = &Agency> {
        self.agencies.values()
    }

    /// The owner of a dataset.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) where the dataset is not on file.
    pub fn owner(&self, dataset: &DatasetId) -> Result<&AgencyRef, Error> {
        self.known_dataset(dataset).map(|dataset| &dataset.owner)
    }

    pub(super) fn known_agency(&self, id: &AgencyId) -> Result<&Agency, Error> {
        self.agencies
            .get(id)
            .ok_or_else(|| invalid("agency", "one on file: add it first", id.as_str()))
    }

    pub(super) fn known_dataset(&self, id: &DatasetId) -> Result<&Dataset, Error> {
        self.datasets
            .get(id)
            .ok_or_else(|| invalid("dataset", "one on file: add it first", id.as_str()))
    }
}

pub(super) fn invalid(what: &'static str, expected: &str, found: &str) -> Error {
    Error::from(Failure::Invalid {
        what,
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}
