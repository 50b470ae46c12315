//! Rule packs: the law as data.
//!
//! A pack is a TOML file that a lawyer can review in a diff. [`PackSet::bundled`] gives the packs
//! compiled into the crate, [`PackSet::from_dir`] those of a folder. None of the bundled packs is
//! verified: no person has yet read its rules at the official source and signed for it. Loading
//! them is therefore a choice that has to be written down, in one line:
//!
//! ```
//! use platewarden_policy::packs::{PackSet, Unverified};
//! let packs = PackSet::bundled(Unverified::Allow)?;
//! assert!(PackSet::bundled(Unverified::Refuse).is_err());
//! assert!(packs.iter().count() >= 30);
//! # Ok::<(), platewarden_policy::Error>(())
//! ```

mod bundled;
mod compile;
mod condition;
mod coverage;
mod format;
mod law_state;
mod length;
mod lint;
mod rule;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::error::Error;
use crate::error::Failure;
use crate::model::{AuthorityKind, Jurisdiction, OperatorKind, PackVersion, State};

pub(crate) use condition::Condition;
pub use format::{PackKind, Side};
pub use law_state::LawState;
pub use length::Length;
pub use lint::{Finding, NotEnacted};
pub(crate) use rule::{Duty, Need, Rule, RuleEffect};
pub use rule::{ReadLimit, RetentionClause};

/// Whether packs that nobody has verified may be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unverified {
    /// Load them; decisions name them as unverified.
    Allow,
    /// Refuse to load them.
    Refuse,
}

/// Where a pack applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    One(Jurisdiction),
    AllStates,
    EuropeanUnion,
}

/// A compiled pack.
#[derive(Debug)]
pub struct Pack {
    id: Arc<str>,
    title: String,
    kind: PackKind,
    note: String,
    scopes: Vec<Scope>,
    rules: Vec<Rule>,
    retention: Vec<RetentionClause>,
    holder_law: LawState,
    actor_law: LawState,
    version: Arc<PackVersion>,
}

impl Pack {
    /// Reads and checks one pack; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// [`Pack`](crate::ErrorKind::Pack) with file, line and remedy for an unknown key, purpose or predicate, a rule
    /// without a citation, overlapping effective dates, or parts that do not fit together.
    ///
    /// ```
    /// use platewarden_policy::packs::Pack;
    /// let error = Pack::parse("us-xx.toml", "[pack]\nid = \"us-xx\"\ncolour = 1\n").unwrap_err();
    /// assert!(error.to_string().starts_with("us-xx.toml:3: unknown field `colour`"));
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        compile::compile(file, text)
    }

    /// Its id, such as `us-il`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title, such as `Illinois`.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> PackKind {
        self.kind
    }

    /// Remarks for readers.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Its version, content hash and verification state.
    #[must_use]
    pub const fn version(&self) -> &Arc<PackVersion> {
        &self.version
    }

    /// How many rules it has, retention clauses included.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.rules.len() + self.retention.len()
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) const fn arc_id(&self) -> &Arc<str> {
        &self.id
    }

    /// Whether a rule on this side speaks of civil immigration at `as_of`.
    pub(crate) fn has_immigration_rule(&self, side: Side, as_of: Timestamp) -> bool {
        let civil = crate::model::PurposeKind::CivilImmigration;
        self.rules.iter().any(|r| {
            r.side == side
                && r.when.purposes().contains(civil)
                && r.in_force.contains(as_of)
                && r.authority.kind != AuthorityKind::AgencyPolicy
        })
    }

    fn covers(&self, place: Jurisdiction) -> bool {
        self.scopes.iter().any(|scope| match (scope, place) {
            (Scope::One(one), place) => *one == place,
            (Scope::AllStates, Jurisdiction::State(_)) => true,
            (Scope::EuropeanUnion, Jurisdiction::Country(country)) => country.is_eu_member(),
            (Scope::AllStates | Scope::EuropeanUnion, _) => false,
        })
    }
}

/// Packs that are in use together, indexed by place.
#[derive(Debug)]
pub struct PackSet {
    packs: Vec<Pack>,
    states: Vec<Vec<usize>>,
    elsewhere: HashMap<Jurisdiction, Vec<usize>>,
    engine: Vec<usize>,
    overlays: HashMap<Arc<str>, usize>,
}

impl PackSet {
    /// The packs compiled into the crate.
    ///
    /// # Errors
    ///
    /// [`UnverifiedPack`](crate::ErrorKind::UnverifiedPack) under [`Unverified::Refuse`], because none of them is verified.
    pub fn bundled(unverified: Unverified) -> Result<Self, Error> {
        let packs = bundled::PACKS
            .iter()
            .map(|(file, text)| Pack::parse(file, text))
            .collect::<Result<_, _>>()?;
        Self::new(packs, unverified)
    }

    /// Every `*.toml` file of a folder, in order of their names.
    ///
    /// A folder without an engine pack gets the bundled one: its rules (identity, form, unknown
    /// facts) cannot be left out.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) when the folder cannot be read, [`Pack`](crate::ErrorKind::Pack) and
    /// [`UnverifiedPack`](crate::ErrorKind::UnverifiedPack) as for [`Pack::parse`] and [`PackSet::new`].
    pub fn from_dir(dir: &Path, unverified: Unverified) -> Result<Self, Error> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(|e| Error::io("list", dir, e))? {
            let path = entry.map_err(|e| Error::io("list", dir, e))?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                files.push(path);
            }
        }
        files.sort();
        let mut packs = Vec::with_capacity(files.len());
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(|e| Error::io("read", &path, e))?;
            packs.push(Pack::parse(&path.display().to_string(), &text)?);
        }
        if !packs.iter().any(|p| p.kind == PackKind::Engine) {
            packs.push(Pack::parse(bundled::ENGINE.0, bundled::ENGINE.1)?);
        }
        Self::new(packs, unverified)
    }

    /// Packs that were parsed one by one.
    ///
    /// # Errors
    ///
    /// [`UnverifiedPack`](crate::ErrorKind::UnverifiedPack) for a law pack that nobody has verified, unless they are
    /// allowed; [`Pack`](crate::ErrorKind::Pack) when two packs share an id or there is no engine pack.
    pub fn new(packs: Vec<Pack>, unverified: Unverified) -> Result<Self, Error> {
        let mut overlays = HashMap::new();
        let mut engine = Vec::new();
        for (index, pack) in packs.iter().enumerate() {
            let is_law = matches!(pack.kind, PackKind::Law | PackKind::Supplement);
            if is_law && !pack.version.verified && unverified == Unverified::Refuse {
                return Err(Error::from(Failure::UnverifiedPack {
                    pack: pack.id.to_string(),
                }));
            }
            if packs.iter().take(index).any(|other| other.id == pack.id) {
                return Err(Error::from(Failure::Pack {
                    file: pack.id.to_string(),
                    line: None,
                    problem: format!("two packs have the id `{}`", pack.id),
                    remedy: "remove one of them".to_owned(),
                }));
            }
            match pack.kind {
                PackKind::Engine => engine.push(index),
                PackKind::Overlay => {
                    overlays.insert(Arc::clone(&pack.id), index);
                }
                PackKind::Law | PackKind::Supplement => {}
            }
        }
        if engine.is_empty() {
            return Err(Error::from(Failure::Pack {
                file: "pack set".to_owned(),
                line: None,
                problem: "there is no engine pack".to_owned(),
                remedy: "add the bundled `engine.toml`: identity, form and unknown facts are judged by it".to_owned(),
            }));
        }
        let mut set = Self {
            packs,
            states: Vec::new(),
            elsewhere: HashMap::new(),
            engine,
            overlays,
        };
        set.index();
        Ok(set)
    }

    fn index(&mut self) {
        let covering = |packs: &[Pack], place| -> Vec<usize> {
            packs
                .iter()
                .enumerate()
                .filter(|(_, p)| p.covers(place))
                .map(|(i, _)| i)
                .collect()
        };
        self.states = State::ALL
            .iter()
            .map(|s| covering(&self.packs, Jurisdiction::State(*s)))
            .collect();
        let eu = (b'A'..=b'Z').flat_map(|a| (b'A'..=b'Z').map(move |b| [a, b]));
        let places = eu
            .filter_map(|code| {
                std::str::from_utf8(&code)
                    .ok()
                    .and_then(crate::model::Country::from_code)
            })
            .map(Jurisdiction::Country)
            .chain([Jurisdiction::UnitedStates]);
        for place in places {
            let list = covering(&self.packs, place);
            if !list.is_empty() {
                self.elsewhere.insert(place, list);
            }
        }
    }

    /// All packs, in order of loading.
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }

    /// The pack with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Pack> {
        self.packs.iter().find(|p| p.id() == id)
    }

    fn at(&self, indices: &[usize]) -> impl Iterator<Item = &Pack> {
        indices.iter().filter_map(|i| self.packs.get(*i))
    }

    /// The law packs and supplements that cover a place.
    pub fn covering(&self, place: Jurisdiction) -> impl Iterator<Item = &Pack> {
        let list = match place {
            Jurisdiction::State(state) => self.states.get(state as usize),
            other => self.elsewhere.get(&other),
        };
        self.at(list.map_or(&[], Vec::as_slice))
    }

    /// Whether some law pack (a supplement is not enough) covers a place.
    #[must_use]
    pub fn has_law(&self, place: Jurisdiction) -> bool {
        self.covering(place).any(|p| p.kind == PackKind::Law)
    }

    /// The instants at which some rule comes into force or leaves it, sorted: between two of them the law stands still.
    #[must_use]
    pub fn law_changes(&self) -> Vec<Timestamp> {
        let rules = self.packs.iter().flat_map(|pack| &pack.rules);
        let mut changes: Vec<Timestamp> = rules
            .flat_map(|rule| [rule.in_force.from, rule.in_force.to])
            .collect();
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    /// The first day of the law of a place: before it, none of its rules on the holders of data had effect. `None` where
    /// no such rule is loaded, or where one names no first day.
    #[must_use]
    pub fn law_begins(&self, place: Jurisdiction) -> Option<Timestamp> {
        let rules = self
            .covering(place)
            .filter(|pack| pack.kind == PackKind::Law)
            .flat_map(Pack::rules)
            .filter(|rule| {
                rule.side == Side::Holder && rule.authority.kind < AuthorityKind::Contract
            });
        rules
            .map(|rule| rule.in_force.from)
            .min()
            .filter(|from| *from > Timestamp::MIN)
    }

    /// The written declarations that rules of a place may ask for: of which jurisdiction, under which statute.
    pub fn declarations_of(
        &self,
        place: Jurisdiction,
    ) -> impl Iterator<Item = (Jurisdiction, &str)> {
        fn listed<'n>(need: &'n Need, out: &mut Vec<(Jurisdiction, &'n str)>) {
            match need {
                Need::Declaration {
                    jurisdiction,
                    statute,
                    ..
                } => out.push((*jurisdiction, statute)),
                Need::Any(needs) => needs.iter().for_each(|need| listed(need, out)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        for rule in self.covering(place).flat_map(Pack::rules) {
            rule.needs.iter().for_each(|need| listed(need, &mut found));
        }
        found.into_iter()
    }

    pub(crate) fn engine(&self) -> impl Iterator<Item = &Pack> {
        self.at(&self.engine)
    }

    pub(crate) fn overlay(&self, id: &str) -> Option<&Pack> {
        self.overlays.get(id).and_then(|i| self.packs.get(*i))
    }

    /// A retention clause of the engine pack, such as the one that stands for the owner's own caps.
    #[must_use]
    pub fn engine_clause(&self, id: &str) -> Option<(&Pack, &RetentionClause)> {
        self.engine()
            .find_map(|p| p.retention.iter().find(|c| &**c.id() == id).map(|c| (p, c)))
    }

    /// The retention clauses of a place that apply to reads of such an operator and owner at `as_of`.
    ///
    /// A clause that names the owner or the operator comes before the general one; where the
    /// operator is unknown, every operator's clause applies, so that the strictest decides.
    pub fn retention(
        &self,
        place: Jurisdiction,
        operator: Option<OperatorKind>,
        owner: &str,
        as_of: Timestamp,
    ) -> impl Iterator<Item = (&Pack, &RetentionClause)> {
        self.covering(place).flat_map(move |pack| {
            let named = pack
                .retention
                .iter()
                .any(|c| names_owner(c, owner) && c.in_force.contains(as_of));
            pack.retention
                .iter()
                .filter(move |c| c.in_force.contains(as_of))
                .filter(move |c| {
                    if named {
                        names_owner(c, owner)
                    } else {
                        c.owner.is_empty()
                    }
                })
                .filter(move |c| {
                    operator.is_none() || c.operator.is_none() || c.operator == operator
                })
                .map(move |c| (pack, c))
        })
    }
}

fn names_owner(clause: &RetentionClause, owner: &str) -> bool {
    clause
        .owner
        .iter()
        .any(|name| crate::model::token::same_token(name, owner))
}
