//! `platewarden evaluate`.

use std::{fs, path::Path, process::Command};

use super::{Place, err, out, platewarden, project};

#[test]
fn evaluate_writes_a_line_for_every_picture_of_the_split() {
    let place = Place::new();
    place.picture("data/scenes/a.png");
    place.picture("data/scenes/b.png");
    fs::write(place.path("data/scenes/broken.png"), "no picture").unwrap();
    fs::write(
        place.path("data/scenes.csv"),
        "file,source,split\na.png,x,dev\nbroken.png,x,dev\nb.png,x,train\n",
    )
    .unwrap();
    let plates = "file,split,x1,y1,x2,y2,corners,text\na.png,dev,10,20,60,40,,K7Q\na.png,dev,9,9,90,60,9 9 90 10 90 60 9 59,K7Q\n";
    fs::write(place.path("data/plates.csv"), plates).unwrap();
    let predictions = place.path("predictions.jsonl");
    let evaluate = |extra: &[&str], to: &Path| {
        place
            .command("evaluate")
            .arg(place.path("data"))
            .args(["--split", "dev", "--out"])
            .arg(to)
            .args(extra)
            .output()
            .unwrap()
    };
    for (extra, count, left) in [
        (&[][..], 1, 64.0),
        (&["--boxes", "truth"], 2, 10.0),
        (&["--threads", "2"], 1, 64.0),
    ] {
        let output = evaluate(extra, &predictions);
        assert_eq!(
            output.status.code(),
            Some(1),
            "the broken picture is told: {}",
            err(&output)
        );
        assert!(err(&output).contains("broken.png"), "{}", err(&output));
        let text = fs::read_to_string(&predictions).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["image"], "a.png");
        assert!(lines[0]["ms"].as_f64().unwrap() > 0.0);
        let plates = lines[0]["plates"].as_array().unwrap();
        assert_eq!(
            (plates.len(), plates[0]["bbox"][0].as_f64().unwrap()),
            (count, left)
        );
        assert_eq!(plates[0]["text"], "K7Q");
        assert_eq!(plates[0]["candidates"][0], "K7Q");
        assert_eq!(lines[1]["plates"].as_array().unwrap().len(), 0);
    }
    let output = place
        .command("evaluate")
        .arg(place.path("data"))
        .args(["--split", "nothing"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("nothing"), "{}", err(&output));
    if Path::new("/dev/full").exists() {
        let output = evaluate(&[], Path::new("/dev/full"));
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains("/dev/full"), "{}", err(&output));
    }
}

/// `tests/data/scoring` holds labels and predictions with every case of the rules, and what the project's scoring script
/// says of them.
#[test]
fn figures_are_those_of_the_scoring_script() {
    let folder = project("crates/platewarden-cli/tests/data/scoring");
    for min_score in ["0.0", "0.5"] {
        let output = platewarden("evaluate")
            .arg(&folder)
            .args(["--split", "dev", "--conf", min_score, "--predictions"])
            .arg(folder.join("predictions.jsonl"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let expected =
            fs::read_to_string(folder.join(format!("expected-{min_score}.txt"))).unwrap();
        same_figures(&out(&output), &expected);
        assert!(
            err(&output).contains("no prediction for"),
            "{}",
            err(&output)
        );
    }
}

/// The whole way, on the labelled photographs, where they and Python are there.
#[test]
#[ignore = "needs ../shared"]
fn figures_of_the_labelled_photographs_are_those_of_the_scoring_script() {
    let folder = tempfile::tempdir().unwrap();
    let predictions = folder.path().join("predictions.jsonl");
    let data = project("../shared/data");
    let ours = platewarden("evaluate")
        .arg(&data)
        .args(["--split", "dev", "--threads", "2", "--out"])
        .arg(&predictions)
        .output()
        .unwrap();
    assert_eq!(ours.status.code(), Some(0), "{}", err(&ours));
    let theirs = Command::new("python3")
        .arg(project("../shared/eval/score.py"))
        .arg(&predictions)
        .arg("--data")
        .arg(&data)
        .output()
        .unwrap();
    same_figures(&out(&ours), &out(&theirs));
    // Scored from the file, they are the same again.
    let again = platewarden("evaluate")
        .arg(&data)
        .args(["--split", "dev", "--predictions"])
        .arg(&predictions)
        .output()
        .unwrap();
    same_figures(&out(&again), &out(&theirs));
}

/// Compares the table to the last character, and the JSON line, in which Python writes `NaN` for no number.
fn same_figures(ours: &str, theirs: &str) {
    let table = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| !line.starts_with('{'));
        rows.map(str::to_owned).collect()
    };
    assert_eq!(table(ours), table(theirs));
    let object = |text: &str| -> serde_json::Value {
        let line = text.lines().find(|line| line.starts_with('{')).unwrap();
        serde_json::from_str(&line.replace("NaN", "null")).unwrap()
    };
    assert_eq!(object(ours), object(theirs));
}

#[test]
fn folder_without_a_list_is_read_whole_and_widths_make_a_table() {
    let place = Place::new();
    place.picture("data/a.png");
    place.picture("data/b.png");
    fs::write(
        place.path("data/plates.csv"),
        "file,x1,y1,x2,y2,text\na.png,64,32,192,96,K7Q\n",
    )
    .unwrap();
    let output = place
        .command("evaluate")
        .arg("--widths=20,100,300")
        .arg(place.path("data"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    let overall = text.lines().find(|line| line.contains("overall")).unwrap();
    let figures: Vec<&str> = overall.split_whitespace().collect();
    // Two pictures, one plate, found and read; the read in the picture without a plate is false.
    assert_eq!(figures[1..3], ["2", "1"], "{text}");
    assert_eq!(
        (figures[3], figures[5], figures[7]),
        ("100.0", "0.500", "100.0"),
        "{text}"
    );
    assert!(
        text.contains("| 100 to 300 | 1 | 100 % | 100 % |"),
        "{text}"
    );
}
