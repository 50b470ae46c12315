//! Says what the reason of a search gives away.
//!
//!     cargo run --release --example classify -- 'assist I.C.E. with locate' burglary
//!
//! Logs of reasons as JSON lines: `platewarden classify`.

use std::env;

use platewarden_policy::classifier::Classifier;

fn main() {
    let mut classifier = Classifier::new();
    for reason in env::args().skip(1) {
        let found = classifier.classify_cached(&reason);
        let label = found
            .category()
            .map_or("none", |category| category.as_str());
        let grade = found.overall().map_or("none", |grade| grade.as_str());
        // Words, not intent: a clean text proves nothing.
        println!("{reason}: {label}, {grade}");
    }
}
