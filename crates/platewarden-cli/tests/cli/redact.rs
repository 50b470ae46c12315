//! `platewarden redact`.

use std::path::Path;

use super::{err, lines, platewarden, project};

#[test]
fn redacted_picture_keeps_what_was_asked_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let input = project("fixtures/data/two_1280x720.jpg");
    let redact = |arguments: &[&str], out: &Path| {
        let output = platewarden("redact")
            .arg(&input)
            .arg("--out")
            .arg(out)
            .args(["--backend", "embedded"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let read = platewarden("read")
            .arg(out)
            .args(["--backend", "embedded"])
            .output()
            .unwrap();
        let mut texts: Vec<String> = lines(&read)[0]["plates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|plate| plate["text"].as_str().unwrap().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        texts.sort_unstable();
        texts
    };
    assert_eq!(redact(&[], &folder.path().join("none.png")), [""; 0]);
    let kept = redact(&["--keep", "42TKF7"], &folder.path().join("one.png"));
    assert_eq!(kept, ["42TKF7"]);
}
