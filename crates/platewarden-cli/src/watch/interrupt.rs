//! Ctrl-C and the signals by which services are ended.

use std::sync::{
    Once,
    atomic::{AtomicBool, Ordering},
};

static RAISED: AtomicBool = AtomicBool::new(false);
static INSTALLED: Once = Once::new();
/// Exit status after a second signal, that of a shell for SIGINT.
const AT_ONCE: i32 = 130;

/// From now on the first signal (SIGINT, SIGTERM, SIGHUP) ends the watch in order, and a second one the program.
pub(super) fn install() {
    INSTALLED.call_once(|| {
        let installed = ctrlc::set_handler(|| {
            if RAISED.swap(true, Ordering::SeqCst) {
                std::process::exit(AT_ONCE);
            }
            eprintln!("ending: passes in view are told first; once more ends at once");
        });
        if let Err(error) = installed {
            log::warn!("signals end the program without the passes in view: {error}");
        }
    });
}

/// Whether a signal came.
pub(super) fn is_raised() -> bool {
    RAISED.load(Ordering::SeqCst)
}
