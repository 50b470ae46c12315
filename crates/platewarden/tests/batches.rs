//! Many frames at once: order, errors, memory, thread pools. The parts of the engine are fakes, so that nothing but the
//! engine's own doing is tested.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod fails;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use fails::assert_fails;
use platewarden::{
    Candidate, Detection, Detector, Engine, EngineBuilder, EngineOptions, Error, ErrorKind, Frame,
    Quad, Reading, Recognizer, Rect, Result, ToFrame,
};
use rayon::ThreadPoolBuilder;

/// Finds one plate whose left edge is the frame's width; counts who runs at once, and nested in whom.
#[derive(Clone, Default)]
struct Find {
    names: Arc<Mutex<Vec<Option<String>>>>,
}

thread_local! {
    static DEPTH: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

static DEEPEST: AtomicUsize = AtomicUsize::new(0);

impl Detector for Find {
    fn detect(&self, frame: &Frame<'_>) -> Result<Vec<Detection>> {
        let depth = DEPTH.with(|depth| {
            depth.set(depth.get() + 1);
            depth.get()
        });
        DEEPEST.fetch_max(depth, Ordering::Relaxed);
        self.names
            .lock()
            .unwrap()
            .push(thread::current().name().map(str::to_owned));
        // The sooner a frame comes, the longer it takes: results would be out of order if nobody kept it.
        thread::sleep(Duration::from_micros(
            u64::from(600 - frame.width().min(500)) * 5,
        ));
        DEPTH.with(|depth| depth.set(depth.get() - 1));
        match frame.width() {
            13 => Err(Error::inference("detector", "unlucky", "none")),
            17 => panic!("a defect in somebody's detector"),
            width => {
                let bounds = Rect::new(0.0, 0.0, width as f32, 5.0);
                Ok(vec![Detection {
                    quad: bounds.to_quad(),
                    bounds,
                    score: 0.5,
                }])
            }
        }
    }
}

struct Say;

impl Recognizer for Say {
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
        let text = format!("W{}", frame.width());
        Ok(plates
            .iter()
            .map(|_| Reading::new(vec![Candidate::new(text.clone(), 0.9)], 0.0))
            .collect())
    }
}

fn builder(find: &Find) -> EngineBuilder {
    let options = EngineOptions::default()
        .with_min_plate_size((0.0, 0.0))
        .with_syntax(false);
    Engine::builder()
        .detector(find.clone())
        .recognizer(Say)
        .options(options)
}

/// A frame of this width; counts how many there are.
struct Pixels {
    width: u32,
    pixels: Vec<u8>,
    alive: Arc<AtomicUsize>,
}

impl Pixels {
    fn new(width: u32, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        Self {
            width,
            pixels: vec![0; width as usize * 8],
            alive: Arc::clone(alive),
        }
    }
}

impl Drop for Pixels {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ToFrame for Pixels {
    fn to_frame(&self) -> Result<Frame<'_>> {
        Frame::gray8(&self.pixels, self.width, 8, self.width as usize)
    }
}

/// The texts of results, or what their errors say.
fn texts(results: impl IntoIterator<Item = Result<Vec<platewarden::PlateRead>>>) -> Vec<String> {
    results
        .into_iter()
        .map(|result| match result {
            Ok(reads) => reads.into_iter().map(|read| read.text).collect(),
            Err(error) => error.to_string(),
        })
        .collect()
}

#[test]
fn a_batch_keeps_its_order_and_outlives_bad_frames() {
    let find = Find::default();
    let engine = builder(&find).build().unwrap();
    let alive = Arc::default();
    let frames: Vec<Pixels> = (10..60).map(|width| Pixels::new(width, &alive)).collect();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let texts = texts(engine.read_batch(&frames));
    std::panic::set_hook(hook);
    assert_eq!(texts.len(), frames.len());
    for (frame, text) in frames.iter().zip(&texts) {
        match frame.width {
            13 => assert!(text.contains("unlucky"), "{text}"),
            17 => assert!(text.contains("a defect in somebody's detector"), "{text}"),
            width => assert_eq!(*text, format!("W{width}")),
        }
    }
}

#[test]
fn an_iterator_keeps_its_order_and_holds_few_frames() {
    for threads in [1, 2, 5] {
        let find = Find::default();
        let mut options = EngineOptions::default()
            .with_min_plate_size((0.0, 0.0))
            .with_syntax(false);
        options.threads = Some(threads);
        let engine = builder(&find).options(options).build().unwrap();
        let alive = Arc::new(AtomicUsize::new(0));
        let most = AtomicUsize::new(0);
        let frames = (20..220).map({
            let alive = Arc::clone(&alive);
            move |width| Pixels::new(width, &alive)
        });
        let mut expected = 20;
        for (frame, reads) in engine.reads(frames) {
            most.fetch_max(alive.load(Ordering::SeqCst), Ordering::SeqCst);
            assert_eq!(frame.width, expected);
            assert_eq!(texts([reads]), [format!("W{expected}")]);
            expected += 1;
        }
        assert_eq!(expected, 220);
        // The window and the frame in hand.
        assert!(
            most.load(Ordering::SeqCst) <= (2 * threads).max(2) + 1,
            "{most:?} frames for {threads} threads"
        );
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        let names = find.names.lock().unwrap();
        assert!(names.iter().all(|name| {
            name.as_deref()
                .is_some_and(|name| name.starts_with("platewarden-"))
        }));
    }
}

#[test]
fn an_iterator_can_be_left_early() {
    let find = Find::default();
    let engine = builder(&find).build().unwrap();
    let alive = Arc::new(AtomicUsize::new(0));
    let endless = (20..).map({
        let alive = Arc::clone(&alive);
        move |width| Pixels::new(width % 100 + 20, &alive)
    });
    assert_eq!(engine.reads(endless).take(3).count(), 3);
    // What was under way comes to its end.
    for _ in 0..500 {
        if alive.load(Ordering::SeqCst) == 0 {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{alive:?} frames are still held");
}

#[test]
fn the_callers_pool_is_used_and_may_have_one_thread() {
    for threads in [1, 3] {
        let find = Find::default();
        let engine = builder(&find).build().unwrap();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("callers-{i}"))
            .build()
            .unwrap();
        let alive = Arc::default();
        let texts = pool.install(|| {
            let frames: Vec<Pixels> = (20..40).map(|width| Pixels::new(width, &alive)).collect();
            let mut texts = texts(engine.read_batch(&frames));
            // From a thread of the pool, waiting for the pool would be waiting for itself.
            let frames = (40..60)
                .map(|width| Pixels::new(width, &alive))
                .collect::<Vec<_>>();
            texts.extend(self::texts(engine.reads(frames).map(|(_, reads)| reads)));
            texts
        });
        assert_eq!(
            texts,
            (20..60)
                .map(|width| format!("W{width}"))
                .collect::<Vec<_>>()
        );
        let names = find.names.lock().unwrap();
        assert!(names.iter().all(|name| {
            name.as_deref()
                .is_some_and(|name| name.starts_with("callers-"))
        }));
    }
}

#[test]
fn a_pool_can_be_handed_in() {
    let find = Find::default();
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .thread_name(|i| format!("given-{i}"))
        .build()
        .unwrap();
    let engine = builder(&find).thread_pool(Arc::new(pool)).build().unwrap();
    let alive = Arc::default();
    let frames: Vec<Pixels> = (20..30).map(|width| Pixels::new(width, &alive)).collect();
    assert_eq!(texts(engine.read_batch(&frames)).len(), 10);
    let names = find.names.lock().unwrap();
    assert!(names.iter().all(|name| {
        name.as_deref()
            .is_some_and(|name| name.starts_with("given-"))
    }));
    assert!(
        DEEPEST.load(Ordering::Relaxed) <= 1,
        "a frame was read inside another one"
    );
}

#[test]
fn readings_that_are_missing_are_an_error() {
    struct Silent;
    impl Recognizer for Silent {
        fn recognize(&self, _: &Frame<'_>, _: &[Quad]) -> Result<Vec<Reading>> {
            Ok(Vec::new())
        }
    }
    let engine = builder(&Find::default())
        .recognizer(Silent)
        .build()
        .unwrap();
    let alive = Arc::default();
    let frame = Pixels::new(50, &alive);
    assert_fails(
        engine.read(&frame.to_frame().unwrap()),
        ErrorKind::Inference,
        &["recognizer"],
    );
}

#[test]
fn engines_can_be_shared() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    shared(&builder(&Find::default()).build().unwrap());
}

/// Counts its runs and the plates in them.
struct Together(Arc<Mutex<Vec<usize>>>);

impl Recognizer for Together {
    fn recognize(&self, frame: &Frame<'_>, plates: &[Quad]) -> Result<Vec<Reading>> {
        Say.recognize(frame, plates)
    }

    fn recognize_many(&self, plates: &[(&Frame<'_>, Quad)]) -> Result<Vec<Reading>> {
        self.0.lock().unwrap().push(plates.len());
        plates
            .iter()
            .map(|(frame, plate)| Ok(Say.recognize(frame, &[*plate])?.remove(0)))
            .collect()
    }
}

#[test]
fn plates_of_many_frames_are_read_in_few_runs_and_given_back_to_their_frames() {
    let runs = Arc::default();
    let mut options = EngineOptions::default()
        .with_min_plate_size((0.0, 0.0))
        .with_syntax(false);
    options.threads = Some(1);
    let engine = builder(&Find::default())
        .options(options)
        .recognizer(Together(Arc::clone(&runs)))
        .build()
        .unwrap();
    let alive = Arc::default();
    let frames: Vec<Pixels> = (400..432).map(|width| Pixels::new(width, &alive)).collect();
    let texts = texts(engine.read_batch(&frames));
    let expected: Vec<String> = (400..432).map(|width| format!("W{width}")).collect();
    assert_eq!(texts, expected);
    assert_eq!(*runs.lock().unwrap(), [8; 4]);
}

#[cfg(feature = "bundled-models")]
#[test]
fn pictures_read_together_say_what_they_say_alone() {
    let pictures = [
        "two_1280x720.jpg",
        "empty_800x600.jpg",
        "two_line_800x600.jpg",
        "street_640x480.jpg",
    ]
    .map(|name| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/data/");
        let bytes = std::fs::read(format!("{folder}{name}")).unwrap();
        platewarden::decode(&bytes, &platewarden::Limits::default()).unwrap()
    });
    let mut options = EngineOptions::default();
    options.threads = Some(1);
    let engine = Engine::with_options(options).unwrap();
    let frames: Vec<_> = pictures.iter().cycle().take(16).collect();
    let alone = pictures
        .each_ref()
        .map(|picture| engine.read(&picture.into()).unwrap());
    assert_eq!(alone.each_ref().map(Vec::len), [2, 0, 1, 1]);
    let together = engine.read_batch(&frames);
    assert_eq!(together.len(), frames.len());
    for (reads, alone) in together.into_iter().zip(alone.iter().cycle()) {
        let reads = reads.unwrap();
        assert_eq!(reads.len(), alone.len());
        for (read, alone) in reads.iter().zip(alone) {
            assert_eq!((&read.text, read.corners), (&alone.text, alone.corners));
            // A network may sum in another order for several plates.
            assert!((read.confidence - alone.confidence).abs() < 1e-3);
        }
    }
}
