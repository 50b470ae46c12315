//! The embedded backend inside rayon pools: no frame is ever read on top of another one that waits.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod support;

use platewarden::{Backend, Engine, EngineOptions, Frame};
use support::Networks;

#[test]
fn many_frames_in_small_pools_come_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let networks = Networks::in_folder(folder.path());
    let pixels = vec![90; 128 * 64];
    let frames = vec![Frame::gray8(&pixels, 128, 64, 128).unwrap(); 64];
    for threads in [1, 2, 4] {
        let options = EngineOptions::default()
            .with_models(networks.manifest())
            .with_backend(Backend::Embedded)
            .with_threads(threads);
        let engine = Engine::with_options(options).unwrap();
        for result in engine.read_batch(&frames) {
            assert_eq!(result.unwrap()[0].text, "K7Q");
        }
    }
}
