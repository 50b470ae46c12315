//! Ctrl-C and the signal by which services are ended.

use std::{
    io,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

static RAISED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
/// Exit status after a second signal, that of a shell for SIGINT.
const AT_ONCE: i32 = 130;

/// From now on the first signal ends what is done in order, and a second one the program.
pub(crate) fn install() {
    let install = || -> io::Result<()> {
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down, raises it, and does not end the program.
            flag::register_conditional_shutdown(signal, AT_ONCE, Arc::clone(&RAISED))?;
            flag::register(signal, Arc::clone(&RAISED))?;
        }
        Ok(())
    };
    if let Err(error) = install() {
        log::warn!("signals end the program at once: {error}");
    }
}

/// Whether a signal came.
pub(crate) fn is_raised() -> bool {
    RAISED.load(Ordering::SeqCst)
}
