//! Any text as a reason: no panic, and every span lies on letters of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platewarden_policy::classifier::classify;

fuzz_target!(|text: &str| {
    for signal in classify(text).signals {
        assert!(text.get(signal.span).is_some());
    }
});
