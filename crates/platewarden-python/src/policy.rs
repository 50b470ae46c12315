//! Searches decided.

use std::path::PathBuf;

use platewarden_policy::{
    engine,
    model::{self, SearchRequest, parse_instant},
    packs::{PackSet, Unverified},
};
use pyo3::prelude::*;

use crate::{error::Result, json};

/// Rule packs, loaded.
#[pyclass(frozen, module = "platewarden._native")]
pub(crate) struct Policy {
    policy: engine::Policy,
}

/// The answer to one search.
#[pyclass(frozen, module = "platewarden._native")]
pub(crate) struct Decision {
    decision: model::Decision,
}

#[pymethods]
impl Policy {
    /// Loads the packs of a folder, or the bundled ones.
    #[new]
    fn new(packs: Option<PathBuf>, allow_unverified: bool) -> Result<Self> {
        let unverified = if allow_unverified {
            Unverified::Allow
        } else {
            Unverified::Refuse
        };
        let packs = match packs {
            Some(folder) => PackSet::from_dir(&folder, unverified)?,
            None => PackSet::bundled(unverified)?,
        };
        Ok(Self {
            policy: engine::Policy::new(packs),
        })
    }

    /// Decides a request (a JSON object), by the law of `as_of` where it is given.
    fn decide(&self, py: Python<'_>, request: &str, as_of: Option<&str>) -> Result<Decision> {
        py.detach(|| {
            let as_of = as_of.map(parse_instant).transpose()?;
            let request = SearchRequest::from_json(request, as_of)?;
            Ok(Decision {
                decision: self.policy.decide(&request),
            })
        })
    }
}

#[pymethods]
impl Decision {
    /// The decision as a JSON object.
    fn to_json(&self) -> Result<String> {
        json::write(&self.decision)
    }

    /// The decision in words, for people.
    fn explain(&self) -> String {
        self.decision.explain().to_string()
    }
}
