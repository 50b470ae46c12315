//! A store in a temporary folder with a clock of its own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{
    Actor, Agency, AgencyKind, CertificationKind, CertificationRef, Dataset, Offence,
    OffenceJurisdiction, OffenceLevel, Purpose, SearchRequest, SearchRequestBuilder, State,
    Suspicion,
};
use platewarden_policy::packs::Unverified;
use platewarden_store::{
    AuditorKey, Camera, Clock, DatasetSettings, ErrorKind, FolderKeys, MasterKey, Observation,
    Search, Store, StoreOptions,
};
use tempfile::TempDir;

/// Packs are read once for all tests.
pub(crate) static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::bundled(Unverified::Allow).unwrap());

/// The server on which the suite runs; none: on SQLite. `.ci/postgres` starts one.
pub(crate) fn server() -> Option<String> {
    std::env::var("PLATEWARDEN_POSTGRES")
        .ok()
        .filter(|_| cfg!(feature = "postgres"))
}

/// Whether a test that looks at files of the store has any to look at.
pub(crate) fn is_in_files() -> bool {
    if server().is_some() {
        eprintln!("not run on a server: the test looks at the store's files");
    }
    server().is_none()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn noon() -> Timestamp {
    at("2026-11-22T12:00:00Z")
}

pub(crate) fn police(state: State) -> Agency {
    Agency::new("springfield-pd", AgencyKind::Local, state)
}

/// A dataset of one state's police, under the name `reads`.
pub(crate) fn settings(state: State) -> DatasetSettings {
    DatasetSettings::new(Dataset::new("reads", police(state).to_ref(), state))
}

pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) clock: Clock,
    pub(crate) auditor: AuditorKey,
    pub(crate) state: State,
    store: Option<Store>,
}

impl Bench {
    /// A store with one dataset, at noon.
    pub(crate) fn new(state: State) -> Self {
        Self::with(state, settings(state))
    }

    /// A store in which one plate may be searched for again and again.
    pub(crate) fn patient(state: State) -> Self {
        Self::with(state, settings(state).without_gate("store-repeat"))
    }

    pub(crate) fn with(state: State, settings: DatasetSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        MasterKey::generate_file(&folder.path().join("master.key")).unwrap();
        let auditor = AuditorKey::generate().unwrap();
        let mut bench = Self {
            folder,
            clock: Clock::manual(noon()),
            auditor,
            state,
            store: None,
        };
        let store =
            Store::create(&bench.options(), POLICY.clone(), bench.auditor.public()).unwrap();
        store.put_dataset(settings).unwrap();
        bench.store = Some(store);
        bench
    }

    pub(crate) fn options(&self) -> StoreOptions {
        let options = options_of(self.folder.path()).with_clock(self.clock.clone());
        #[cfg(feature = "postgres")]
        if let Some(server) = server() {
            // A schema for each test, named after its folder.
            let name = self
                .folder
                .path()
                .file_name()
                .unwrap()
                .to_string_lossy()
                .to_lowercase();
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            return options.with_postgres(server, format!("t_{name}"));
        }
        options
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub(crate) fn close(&mut self) {
        self.store = None;
    }

    pub(crate) fn reopen(&mut self) {
        self.close();
        // A child of another test that has forked and not yet become its program still holds the lock for a moment.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        self.store = loop {
            match Store::open(&self.options(), POLICY.clone()) {
                Err(error)
                    if error.kind() == ErrorKind::Locked
                        && std::time::Instant::now() < deadline =>
                {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                opened => break Some(opened.unwrap()),
            }
        };
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn ingest(&self, reads: impl IntoIterator<Item = Observation>) {
        let done = self
            .store()
            .ingest("reads", reads.into_iter().map(Into::into))
            .unwrap();
        assert_eq!(done.refused, []);
    }

    pub(crate) fn request(&self) -> SearchRequestBuilder {
        lawful(self.officer("officer-7"))
    }

    pub(crate) fn officer(&self, user: &str) -> Actor {
        Actor::verified(user, police(self.state))
    }

    /// An ordinary, lawful search of a plate.
    pub(crate) fn plate(&self, plate: &str) -> Search {
        Search::new(self.request().plate(plate).build()).in_dataset("reads")
    }

    /// A search without a plate, released by a supervisor.
    pub(crate) fn everything(&self) -> Search {
        let release =
            CertificationRef::new(CertificationKind::SupervisorRelease).by("Sergeant Hill");
        let request = self
            .request()
            .purpose(Purpose::ViolentCrime)
            .certification(release)
            .mode(platewarden_policy::model::AccessMode::AreaTime)
            .build();
        Search::new(request).in_dataset("reads")
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }
}

/// A request with everything that the laws of these tests ask for.
pub(crate) fn lawful(actor: Actor) -> SearchRequestBuilder {
    SearchRequest::builder(actor, noon())
        .purpose(Purpose::StolenVehicleOrPlate)
        .case("26-001234")
        .offence(Offence::new(
            "18.2-95",
            OffenceLevel::Felony,
            OffenceJurisdiction::State,
        ))
        .suspicion(Suspicion::ReasonableSuspicion {
            facts: "the owner saw it driven away".into(),
        })
}

pub(crate) fn request_of(actor: Actor, plate: &str) -> SearchRequest {
    lawful(actor).plate(plate).build()
}

pub(crate) fn options_of(folder: &Path) -> StoreOptions {
    let master = MasterKey::from_file(&folder.join("master.key")).unwrap();
    let keys = FolderKeys::open(folder.join("keys"), &master).unwrap();
    StoreOptions::new(folder.join("data"), Arc::new(keys))
}

pub(crate) fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// A read so many minutes before noon.
pub(crate) fn read(text: &str, minutes: i64) -> Observation {
    let captured = noon()
        .checked_sub(SignedDuration::from_mins(minutes))
        .unwrap();
    let mut read = Observation::new(text, Camera::new("elm-4th").at(39.80, -89.65), captured);
    read.confidence = 0.9;
    read
}
