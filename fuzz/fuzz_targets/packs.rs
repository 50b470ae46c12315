//! A pack is refused or compiled; either way without a panic, and always with file and line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platewarden_policy::packs::Pack;

fuzz_target!(|text: &str| {
    if let Err(error) = Pack::parse("fuzz.toml", text) {
        assert!(error.to_string().starts_with("fuzz.toml"));
    }
});
