//! Any text as a reason, also a long one: no panic, and every span lies on letters of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platewarden_policy::classifier::classify;

/// A text of the fuzzer is repeated up to this length: work that grows faster than the cell ends in a timeout.
const LONG: usize = 200_000;

fuzz_target!(|input: (bool, &str)| {
    let (long, text) = input;
    let text = if long && !text.is_empty() {
        text.repeat(LONG.div_ceil(text.len()))
    } else {
        text.to_owned()
    };
    for signal in classify(&text).signals {
        assert!(text.get(signal.span).is_some());
    }
});
