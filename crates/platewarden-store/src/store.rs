//! The store: opening it, its datasets, its trail.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use platewarden_policy::engine::Policy;
use platewarden_policy::permit::PermitIssuer;
use platewarden_trail::{
    FileStore, Record, Trail, TrailOptions, TrailRead, TrailWriter, Verification, VerifyOptions,
};

use crate::backend::{Backend, Sqlite};
use crate::clock::{Clock, HighWater};
use crate::dataset::DatasetSettings;
use crate::gates::Repeats;
use crate::identity::Identity;
use crate::keys::{AuditorPublic, KeyStore, MemoryKeys, Nonces, open, seal};
use crate::shelf::{Place, Shelf, lock, settings_place};
use crate::trail_store::AnyTrail;
use crate::{Error, ErrorKind, Result};

/// Where a store lies.
///
/// ```
/// use std::sync::Arc;
/// use platewarden_store::{MemoryKeys, StoreOptions};
/// let options = StoreOptions::new("/var/lib/plates", Arc::new(MemoryKeys::default()));
/// assert!(options.database().ends_with("reads.sqlite"));
/// ```
#[derive(Clone)]
pub struct StoreOptions {
    folder: PathBuf,
    keys: Arc<dyn KeyStore>,
    clock: Clock,
    trail: TrailOptions,
    #[cfg(feature = "postgres")]
    server: Option<crate::backend::Server>,
}

impl std::fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreOptions")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl StoreOptions {
    /// A store in a folder (`reads.sqlite` and `trail/`), its keys elsewhere: on another device, and in no backup of the
    /// folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, keys: Arc<dyn KeyStore>) -> Self {
        Self {
            folder: folder.into(),
            keys,
            clock: Clock::system(),
            trail: TrailOptions::default(),
            #[cfg(feature = "postgres")]
            server: None,
        }
    }

    /// Where the time comes from. Default: the machine's clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How the trail is written. Whatever is chosen, intents and releases are flushed one by one.
    #[must_use]
    pub fn with_trail(mut self, options: TrailOptions) -> Self {
        self.trail = options;
        self
    }

    /// Rows and trail in a PostgreSQL server instead of the folder: `config` as `postgres` reads it
    /// (`host=127.0.0.1 user=plates dbname=plates`), `schema` for this store alone.
    #[cfg(feature = "postgres")]
    #[must_use]
    pub fn with_postgres(mut self, config: impl Into<String>, schema: impl Into<String>) -> Self {
        self.server = Some(crate::backend::Server {
            config: config.into(),
            schema: schema.into(),
        });
        self
    }

    fn is_in_server(&self) -> bool {
        #[cfg(feature = "postgres")]
        return self.server.is_some();
        #[cfg(not(feature = "postgres"))]
        false
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join("reads.sqlite")
    }

    /// The folder of the trail.
    #[must_use]
    pub fn trail_folder(&self) -> PathBuf {
        self.folder.join("trail")
    }
}

/// Reads at rest: sealed, searched only through the law, forgotten by destroying keys.
///
/// `Send` and `Sync`: one serves all threads of a process, and one process has a store at a time.
///
/// Without a permit there is no way to rows; what reads them is not reachable from outside:
///
/// ```compile_fail,E0616
/// fn rows(store: &platewarden_store::Store) {
///     let _ = store.disk.read(|backend| backend.epochs());
/// }
/// ```
pub struct Store {
    pub(crate) issuer: PermitIssuer,
    pub(crate) clock: Clock,
    pub(crate) high_water: HighWater,
    pub(crate) identity: Identity,
    pub(crate) disk: Shelf,
    pub(crate) volatile: Shelf,
    datasets: RwLock<Vec<(u32, Arc<DatasetSettings>)>>,
    trail: Mutex<TrailWriter<AnyTrail>>,
    repeats: Mutex<Repeats>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("disk", &self.disk)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a new, empty store and opens it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] where there is one already, and whatever [`open`](Self::open) says.
    pub fn create(options: &StoreOptions, policy: Policy, auditor: AuditorPublic) -> Result<Self> {
        crate::keys::make_private(&options.folder)?;
        let (place, mut backend, trail) = connect(options)?;
        Identity::create(&mut *backend, &*options.keys, auditor)?;
        Self::build(options, policy, place, backend, trail)
    }

    /// Opens a store. What a crash left half done is finished, which may take as long as a sweep.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Locked`] where another process has it, [`ErrorKind::WrongKey`], [`ErrorKind::WrongDatabase`],
    /// [`ErrorKind::NewerSchema`], [`ErrorKind::Corrupt`], [`ErrorKind::ReadOnly`], [`ErrorKind::Full`],
    /// [`ErrorKind::Clock`], [`ErrorKind::Trail`]; each with what to do. Nothing is lost by any of them.
    pub fn open(options: &StoreOptions, policy: Policy) -> Result<Self> {
        let path = options.database();
        if !options.is_in_server() && !path.exists() {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("there is no store at `{}`", path.display()),
                "make one with `platewarden store init`",
            ));
        }
        let (place, backend, trail) = connect(options)?;
        Self::build(options, policy, place, backend, trail)
    }

    fn build(
        options: &StoreOptions,
        policy: Policy,
        place: Place,
        mut backend: Box<dyn Backend>,
        trail: TrailWriter<AnyTrail>,
    ) -> Result<Self> {
        let identity = Identity::open(&mut *backend, &*options.keys)?;
        let mut datasets = Vec::new();
        for (number, body) in backend.datasets()? {
            let wrong = || Error::corrupt("a dataset's settings");
            let sealed = hex::decode(&body).map_err(|_| wrong())?;
            let text = open(&identity.directory, settings_place(number), &sealed)?;
            let settings: DatasetSettings = serde_json::from_slice(&text).map_err(|_| wrong())?;
            datasets.push((number, Arc::new(settings)));
        }
        let written = backend
            .meta("clock")?
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, i64::from_le_bytes);
        let now = options.clock.now();
        let (repeats, latest) = read_repeats(trail.store(), now)?;
        let mut memory = Sqlite::in_memory()?;
        // Row numbers of a memory that was lost must not come again within a page of an answer.
        memory.set_meta("seq", &now.as_microsecond().to_le_bytes())?;
        let disk = Shelf::new(
            0,
            place,
            backend,
            Arc::clone(&options.keys),
            &identity.directory,
        )?;
        let volatile = Shelf::new(
            1,
            Place::Memory,
            Box::new(memory),
            Arc::new(MemoryKeys::default()),
            &identity.directory,
        )?;
        let store = Self {
            issuer: PermitIssuer::new(policy)?,
            clock: options.clock.clone(),
            high_water: HighWater::new(written.max(latest)),
            identity,
            disk,
            volatile,
            datasets: RwLock::new(datasets),
            trail: Mutex::new(trail),
            repeats: Mutex::new(repeats),
        };
        for (number, settings) in store.all_settings() {
            store
                .volatile
                .writer()
                .backend
                .put_dataset(number, &settings.dataset.id.to_string())?;
        }
        store.now()?;
        store.finish_sweeps()?;
        Ok(store)
    }

    /// The present instant, if the clock can be trusted.
    pub(crate) fn now(&self) -> Result<Timestamp> {
        self.high_water.pass(self.clock.now())
    }

    /// The policy by which searches are decided.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.issuer.policy()
    }

    /// Makes a dataset, or changes the settings of one that is there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`] where it has no name, names an overlay that is not loaded, or has a unit outside 1 to 24
    /// hours.
    pub fn put_dataset(&self, settings: DatasetSettings) -> Result<()> {
        let name = settings.dataset.id.to_string();
        if name.trim().is_empty() {
            return Err(Error::invalid("a dataset has no name", "give it one"));
        }
        if !(1..=24).contains(&settings.unit_hours) {
            return Err(Error::invalid(
                format!("a retention unit of {} hours", settings.unit_hours),
                "choose 1 to 24 hours",
            ));
        }
        let packs = self.policy().packs();
        if let Some(unknown) = settings
            .dataset
            .overlays
            .iter()
            .find(|id| packs.get(id.as_str()).is_none())
        {
            return Err(Error::invalid(
                format!("dataset {name} names the overlay `{unknown}`, which is not loaded"),
                "load the pack, or leave the overlay out",
            ));
        }
        let mut datasets = self
            .datasets
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let at = datasets
            .iter()
            .position(|(_, known)| known.dataset.id == settings.dataset.id);
        let highest = datasets
            .iter()
            .map(|(number, _)| *number)
            .max()
            .unwrap_or(0);
        let number = at
            .and_then(|at| datasets.get(at))
            .map_or(highest + 1, |(number, _)| *number);
        let text = serde_json::to_vec(&settings).map_err(|source| {
            Error::invalid("settings cannot be written", "report this").with_source(source)
        })?;
        let sealed = seal(
            &self.identity.directory,
            &mut Nonces::default(),
            settings_place(number),
            &text,
        )?;
        self.disk
            .writer()
            .backend
            .put_dataset(number, &hex::encode(sealed))?;
        self.volatile.writer().backend.put_dataset(number, &name)?;
        let settings = Arc::new(settings);
        match at.and_then(|at| datasets.get_mut(at)) {
            Some(slot) => slot.1 = settings,
            None => datasets.push((number, settings)),
        }
        Ok(())
    }

    /// The settings of all datasets.
    #[must_use]
    pub fn datasets(&self) -> Vec<Arc<DatasetSettings>> {
        self.all_settings()
            .into_iter()
            .map(|(_, settings)| settings)
            .collect()
    }

    pub(crate) fn all_settings(&self) -> Vec<(u32, Arc<DatasetSettings>)> {
        self.datasets
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn settings(&self, name: &str) -> Option<(u32, Arc<DatasetSettings>)> {
        let datasets = self.datasets.read().unwrap_or_else(PoisonError::into_inner);
        datasets
            .iter()
            .find(|(_, settings)| settings.dataset.id.as_str() == name)
            .cloned()
    }

    /// Number and settings of a dataset that must be there.
    pub(crate) fn known_dataset(&self, name: &str) -> Result<(u32, Arc<DatasetSettings>)> {
        self.settings(name).ok_or_else(|| {
            Error::invalid(
                format!("the store has no dataset `{name}`"),
                "make it with `Store::put_dataset` or `platewarden store init`",
            )
        })
    }

    pub(crate) fn repeats(&self) -> MutexGuard<'_, Repeats> {
        lock(&self.repeats)
    }

    /// Writes records into the trail and flushes them, all of them or none.
    pub(crate) fn trace(&self, records: Vec<Record>) -> Result<()> {
        let at = self.high_water.pass(self.clock.now())?;
        let mut trail = lock(&self.trail);
        trail
            .append_all(records.into_iter().map(|record| (record, at)))
            .and_then(|_| trail.flush())
            .map_err(trail_failed)
    }

    pub(crate) fn trail_len(&self) -> u64 {
        lock(&self.trail).len()
    }

    /// Checks the trail and looks for searches that began and never ended.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Trail`] where it cannot be read. A fault in the trail is a finding, not an error.
    pub fn verify(&self, options: &VerifyOptions) -> Result<StoreVerification> {
        let trail = lock(&self.trail);
        verify_trail(trail.store(), options)
    }

    /// Signs how long the trail is and how it ends; give a copy to somebody else.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Trail`] where it cannot be written.
    pub fn checkpoint(
        &self,
        key: &platewarden_trail::CheckpointKey,
    ) -> Result<platewarden_trail::Checkpoint> {
        lock(&self.trail).checkpoint(key).map_err(trail_failed)
    }
}

/// What a check of a store's trail found.
#[derive(Debug)]
#[non_exhaustive]
pub struct StoreVerification {
    /// The check of records, links and checkpoints.
    pub trail: Verification,
    /// Permits whose search was about to run and has no release: the process ended in between. No row of them left.
    pub unfinished: Vec<String>,
    /// Releases without an intent: these must not exist.
    pub unannounced: Vec<String>,
}

impl StoreVerification {
    /// Whether the trail is whole and every release was announced.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.trail.is_intact() && self.unannounced.is_empty()
    }
}

/// Checks a store's trail without opening the store: any folder with a trail will do.
///
/// # Errors
///
/// [`ErrorKind::Trail`] where it cannot be read.
pub fn verify_folder(folder: &Path, options: &VerifyOptions) -> Result<StoreVerification> {
    let store = FileStore::reader(folder.join("trail")).map_err(trail_failed)?;
    verify_trail(&store, options)
}

fn verify_trail<S: TrailRead>(store: &S, options: &VerifyOptions) -> Result<StoreVerification> {
    let trail = Trail::new(store);
    let verification = trail.verify(options).map_err(trail_failed)?;
    let mut unfinished = Vec::new();
    let mut unannounced = Vec::new();
    for entry in trail.entries().map_err(trail_failed)? {
        let Ok(entry) = entry else { break };
        match entry.record() {
            Ok(Record::Intent(intent)) => unfinished.push(intent.permit_id),
            Ok(Record::Release(release)) => {
                match unfinished
                    .iter()
                    .rposition(|permit| *permit == release.permit_id)
                {
                    Some(at) => drop(unfinished.remove(at)),
                    None => unannounced.push(release.permit_id),
                }
            }
            _ => {}
        }
    }
    Ok(StoreVerification {
        trail: verification,
        unfinished,
        unannounced,
    })
}

/// Reaches rows and trail, the trail first: whoever has it has the store.
fn connect(options: &StoreOptions) -> Result<(Place, Box<dyn Backend>, TrailWriter<AnyTrail>)> {
    let open = |trail| TrailWriter::open(trail, options.trail.clone()).map_err(trail_failed);
    #[cfg(feature = "postgres")]
    if let Some(server) = &options.server {
        server.prepare()?;
        let trail = crate::trail_postgres::PostgresTrail::writer(server)?;
        let trail = open(AnyTrail::new(trail))?;
        let backend = crate::backend::Postgres::open(server)?;
        return Ok((Place::Server(server.clone()), Box::new(backend), trail));
    }
    let trail = FileStore::writer(options.trail_folder()).map_err(trail_failed)?;
    let trail = open(AnyTrail::new(trail))?;
    let path = options.database();
    let backend = Sqlite::open(&path)?;
    Ok((Place::File(path), Box::new(backend), trail))
}

/// The searches that still count for the gates, and the time of the last record, in milliseconds.
fn read_repeats(trail: &AnyTrail, now: Timestamp) -> Result<(Repeats, i64)> {
    let since = Repeats::since(now);
    let mut repeats = Repeats::default();
    let mut latest = 0;
    let reader = Trail::new(trail);
    // Segments that begin within the 30 days, and the one before them, which reaches into them.
    let mut first = 0;
    for segment in trail.segments().map_err(trail_io)?.into_iter().rev() {
        first = segment;
        let begins = reader.entry(segment).map_err(trail_failed)?;
        if begins.is_some_and(|entry| entry.at() < since) {
            break;
        }
    }
    for entry in reader.entries_from(first).map_err(trail_failed)? {
        let entry = entry.map_err(trail_failed)?;
        latest = latest.max(entry.at().as_millisecond());
        if entry.at() >= since
            && entry.kind() == "intent"
            && let Ok(Record::Intent(intent)) = entry.record()
        {
            repeats.add(intent.user_pseudonym, intent.plate_pseudonym, entry.at());
        }
    }
    Ok((repeats, latest))
}

fn trail_io(source: std::io::Error) -> Error {
    trail_failed(platewarden_trail::Error::stream("read the trail", source))
}

pub(crate) fn trail_failed(source: platewarden_trail::Error) -> Error {
    use std::io::ErrorKind as Io;
    let (kind, remedy) = match (source.kind(), source.io_kind()) {
        (platewarden_trail::ErrorKind::TrailLocked, _) => (
            ErrorKind::Locked,
            "one process has a store at a time: stop the other one, or search through it",
        ),
        (_, Some(Io::StorageFull)) => (
            ErrorKind::Full,
            "make room on the device; without a record no row leaves",
        ),
        (_, Some(Io::PermissionDenied | Io::ReadOnlyFilesystem)) => (
            ErrorKind::ReadOnly,
            "run as the owner of the store's folder; without a record no row leaves",
        ),
        _ => (
            ErrorKind::Trail,
            "see the cause; without a record no row leaves",
        ),
    };
    Error::new(kind, "the trail failed", remedy).with_source(source)
}
