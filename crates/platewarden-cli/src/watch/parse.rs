//! Lines, zones and times as they are written on the command line.

use platewarden::Point;
use platewarden_video::tracking::{Line, Zone};

pub(super) fn parse_line(text: &str) -> Result<Line, String> {
    let (name, points) = parse_points(text)?;
    match points[..] {
        [from, to] => Line::new(name, from, to).map_err(|error| error.to_string()),
        _ => Err("expected two points: NAME:X1,Y1,X2,Y2".to_owned()),
    }
}

pub(super) fn parse_zone(text: &str) -> Result<Zone, String> {
    let (name, points) = parse_points(text)?;
    Zone::new(name, points).map_err(|error| error.to_string())
}

fn parse_points(text: &str) -> Result<(String, Vec<Point>), String> {
    let (name, list) = text.split_once(':').ok_or("expected NAME:X1,Y1,X2,Y2")?;
    let numbers = list
        .split(',')
        .map(|number| {
            number
                .trim()
                .parse::<f32>()
                .map_err(|_| format!("`{number}` is no number"))
        })
        .collect::<Result<Vec<f32>, String>>()?;
    if numbers.len() % 2 != 0 {
        return Err("expected an even count of numbers".to_owned());
    }
    let point = |pair: &[f32]| match pair {
        &[x, y] => Some(Point::new(x, y)),
        _ => None,
    };
    let points = numbers.chunks_exact(2).filter_map(point).collect();
    Ok((name.to_owned(), points))
}

pub(super) fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=1e6).contains(&seconds) => Ok(seconds),
        _ => Err("expected a number of seconds from 0 to 1,000,000".to_owned()),
    }
}
