//! The lexicon's files compiled into the crate.

macro_rules! files {
    ($($name:literal,)*) => {
        /// Every file of the lexicon by its path in the folder. Classes and terms are numbered in this order.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../lexicon/", $name))),)*];
    };
}

files! {
    "lexicon.toml",
    "letters.toml",
    "menu.toml",
    "words/known.toml",
    "words/vague.toml",
    "words/repair.toml",
    "words/short_names.toml",
    "words/case_prefixes.toml",
    "classes/negation.toml",
    "classes/purposes.toml",
    "classes/requests.toml",
    "classes/ice.toml",
    "classes/names.toml",
    "classes/people.toml",
    "classes/places_and_things.toml",
    "classes/other_senses.toml",
    "classes/personal_data.toml",
    "terms/immigration_bodies.toml",
    "terms/immigration.toml",
    "terms/federal_nexus.toml",
    "terms/health_care.toml",
    "terms/protected_activity.toml",
    "terms/ethnic_term.toml",
    "terms/personal.toml",
    "terms/civil.toml",
    "terms/training.toml",
    "terms/vague.toml",
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::path::Path;

    use super::FILES;

    fn on_disk(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                on_disk(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_bundled() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicon");
        let mut found = Vec::new();
        on_disk(&folder, &mut found);
        assert_eq!(found.len(), FILES.len());
        for (name, text) in FILES {
            assert_eq!(&std::fs::read_to_string(folder.join(name)).unwrap(), text);
        }
    }

    #[test]
    fn every_pattern_stands_on_a_line_of_its_own() {
        for (name, text) in FILES {
            let is_item = |line: &str| line.starts_with("  \"") && line.ends_with("\",");
            for line in text.lines().filter(|line| line.starts_with("  \"")) {
                assert!(
                    is_item(line) && line.matches('"').count() == 2,
                    "{name}: {line}"
                );
            }
            if let Some(line) = text.lines().find(|line| line.chars().count() > 240) {
                panic!("{name}: too long to review: {line}");
            }
        }
    }
}
