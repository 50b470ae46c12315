//! The comparison.

use std::io::Read;

use jiff::Timestamp;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    Agency, AgencyId, AgencyKind, AgencyName, AgencyRef, Dataset, DatasetId, Jurisdiction, Outcome,
    ShareGrant, StateReading,
};
use platewarden_policy::sharing::{Access, Ground, Registry};

use crate::export::{SharingReader, SharingRow};
use crate::retro::{RuleHit, cure_words};
use crate::{Error, ErrorKind, Result};

use super::report::{SharedOrganization, SharingReport, Standing};

/// What is compared with the lists.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SharingOptions {
    /// Where the data was captured.
    pub data_in: Jurisdiction,
    /// The instant at which law and files are asked.
    pub as_of: Timestamp,
    /// The owner's name.
    pub owner: Option<String>,
    /// What is known of agencies beyond their names: declarations above all.
    pub directory: Vec<Agency>,
    /// The registry with declarations, grants and revocations, and the dataset in it.
    pub registry: Option<(Registry, DatasetId)>,
    /// Overlay packs that the owner's policy consists of.
    pub overlays: Vec<String>,
}

impl SharingOptions {
    /// A comparison with the law alone.
    #[must_use]
    pub fn new(data_in: impl Into<Jurisdiction>, as_of: Timestamp) -> Self {
        Self {
            data_in: data_in.into(),
            as_of,
            owner: None,
            directory: Vec::new(),
            registry: None,
            overlays: Vec::new(),
        }
    }
}

/// Compares sharing lists with law, declarations and grants.
#[derive(Debug)]
pub struct SharingAudit<'p> {
    policy: &'p Policy,
    options: SharingOptions,
    registry: Registry,
    dataset: DatasetId,
    report: SharingReport,
}

impl<'p> SharingAudit<'p> {
    /// A comparison under a policy.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Options`] where the registry given does not hold the dataset.
    pub fn new(policy: &'p Policy, mut options: SharingOptions) -> Result<Self> {
        let given = options.registry.take();
        let has_registry = given.is_some();
        let (registry, dataset) = match given {
            Some((registry, dataset)) => {
                registry.owner(&dataset).map_err(|e| {
                    let problem = format!("the registry does not hold the dataset `{}`", dataset.0);
                    Error::new(ErrorKind::Options, problem).with_source(e)
                })?;
                (registry, dataset)
            }
            None => (Registry::default(), DatasetId::from("listed")),
        };
        let report = SharingReport {
            data_in: options.data_in.to_string(),
            owner: options.owner.clone(),
            as_of: options.as_of,
            has_registry,
            files: Vec::new(),
            organizations: Vec::new(),
        };
        let mut audit = Self {
            policy,
            options,
            registry,
            dataset,
            report,
        };
        audit.prepare(has_registry);
        Ok(audit)
    }

    /// Without a registry the list itself is the grant; the directory is filed in either case.
    fn prepare(&mut self, has_registry: bool) {
        if !has_registry {
            let owner = self.options.owner.as_deref().unwrap_or("owner of the data");
            let owner = AgencyRef::new(owner, AgencyKind::Local, self.options.data_in);
            let mut data = Dataset::new(self.dataset.clone(), owner, self.options.data_in)
                .with_share(ShareGrant::Network);
            for overlay in &self.options.overlays {
                data = data.with_overlay(overlay.as_str());
            }
            self.registry.add_dataset(data);
        }
        for agency in std::mem::take(&mut self.options.directory) {
            let mut agency = agency;
            let name = if agency.name.is_empty() {
                agency.id.0.clone()
            } else {
                agency.name.clone()
            };
            AgencyName::parse(&name).complete(&mut agency);
            self.registry.add_agency(agency);
        }
    }

    /// Compares one list.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`] when it cannot be read any further, [`ErrorKind::Policy`] when the registry cannot be asked.
    pub fn read<R: Read>(&mut self, file: &str, list: SharingReader<R>) -> Result<()> {
        self.report.files.push(file.to_owned());
        for row in list {
            let row = row?;
            if !row.organization.is_empty() {
                let organization = self.organization(file, &row)?;
                self.report.organizations.push(organization);
            }
        }
        Ok(())
    }

    /// The report, the gravest standing first.
    #[must_use]
    pub fn finish(mut self) -> SharingReport {
        self.report
            .organizations
            .sort_by(|a, b| (a.standing, &a.name).cmp(&(b.standing, &b.name)));
        self.report
    }

    fn organization(&mut self, file: &str, row: &SharingRow) -> Result<SharedOrganization> {
        let name = AgencyName::parse(&row.organization);
        let agency = self.on_file(&name);
        let access =
            self.registry
                .access(self.policy, &agency.id, &self.dataset, self.options.as_of)?;
        let doubt = match name.state_reading() {
            StateReading::Doubtful(states) if agency.jurisdiction.is_unknown() => {
                let states: Vec<String> =
                    states.iter().map(|state| format!("US-{state}")).collect();
                Some(format!("perhaps {}", states.join(" or ")))
            }
            _ => None,
        };
        let unplaced = agency.kind.is_unknown() || agency.jurisdiction.is_unknown();
        Ok(SharedOrganization {
            name: name.name().to_owned(),
            file: file.to_owned(),
            line: row.line,
            standing: if row.is_let_in() {
                standing(
                    &access,
                    unplaced || name.is_nobody(),
                    self.report.has_registry,
                )
            } else {
                Standing::NotLetIn
            },
            kind: agency.kind,
            home: agency.jurisdiction.known().map(ToString::to_string),
            doubt,
            lets_in: row.lets_in(),
            rules: rules(&access),
            lacking: access.cures.iter().filter_map(cure_words).collect(),
            declarations: access.declarations.iter().map(|id| id.0.clone()).collect(),
            grant: match access.ground {
                Ground::Grant { grant } if self.report.has_registry => Some(grant),
                _ => None,
            },
        })
    }

    /// The agency as the registry has it, by identifier or name; one that is not on file is filed as its name reads.
    fn on_file(&mut self, name: &AgencyName<'_>) -> Agency {
        let is = |text: &str| {
            AgencyName::parse(text)
                .name()
                .eq_ignore_ascii_case(name.name())
        };
        let known = self
            .registry
            .agencies()
            .find(|agency| is(agency.id.as_str()) || is(&agency.name))
            .cloned();
        let mut agency = known.unwrap_or_else(|| Agency {
            id: AgencyId::from(name.name()),
            name: name.name().to_owned(),
            ..Agency::default()
        });
        name.complete(&mut agency);
        self.registry.add_agency(agency.clone());
        agency
    }
}

fn standing(access: &Access, unplaced: bool, has_registry: bool) -> Standing {
    match (&access.ground, access.outcome) {
        (Ground::Revoked { .. }, _) => Standing::Revoked,
        (_, Outcome::Deny) => Standing::Barred,
        _ if unplaced => Standing::Unplaced,
        (Ground::NoGrant, _) if has_registry => Standing::NoGrant,
        (_, Outcome::DenyCurable) => Standing::Lacking,
        _ => Standing::InOrder,
    }
}

fn rules(access: &Access) -> Vec<RuleHit> {
    let mut rules: Vec<RuleHit> = access
        .reasons
        .iter()
        .filter(|reason| reason.effect.denies())
        .map(RuleHit::of)
        .collect();
    rules.sort_by(|a, b| (a.authority, &a.rule).cmp(&(b.authority, &b.rule)));
    rules
}
