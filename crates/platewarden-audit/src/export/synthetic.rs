//! Synthetic search logs: invented agencies, officers, plates and reasons in the manner of real releases.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};

use crate::{Error, Result};

use super::format_time;

/// The months that a synthetic log covers, as first and last instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntheticSpan {
    /// No search is earlier.
    pub start: Timestamp,
    /// All searches are earlier.
    pub end: Timestamp,
}

/// How many rows of each sort a synthetic log holds: what an audit ought to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planted {
    /// Rows in all, duplicates and broken rows included.
    pub rows: u64,
    /// Reasons that state immigration enforcement.
    pub immigration: u64,
    /// Reasons that name a federal immigration body without a crime.
    pub federal_body: u64,
    /// Reasons about health care or protest.
    pub protected: u64,
    /// Reasons that say nothing.
    pub vague: u64,
    /// Searches by federal or inactive accounts.
    pub barred_accounts: u64,
    /// Exact repetitions of the row before.
    pub duplicates: u64,
    /// Rows without a readable time.
    pub broken: u64,
}

/// A network-audit export of an invented Illinois city.
///
/// The same seed gives the same bytes on every machine. The rows carry the traps of real files:
/// byte order mark, blanks before labels, two-line windows, masks, em dashes, duplicates, the menu
/// form of 2026, markers on agency names, and rows without a time.
///
/// ```
/// use platewarden_audit::export::SyntheticLog;
/// let mut file = Vec::new();
/// let planted = SyntheticLog::new(7).rows(500).write(&mut file)?;
/// assert_eq!(planted.rows, 500);
/// let mut again = Vec::new();
/// SyntheticLog::new(7).rows(500).write(&mut again)?;
/// assert_eq!(file, again);
/// # Ok::<(), platewarden_audit::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SyntheticLog {
    seed: u64,
    rows: u64,
    span: SyntheticSpan,
}

/// Small and well-mixed (SplitMix64): the stream must not change with a dependency's version.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % limit).unwrap_or(0)
    }

    fn chance(&mut self, per_thousand: usize) -> bool {
        self.below(1000) < per_thousand
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let index = self.below(list.len());
        list.get(index).copied().unwrap_or("")
    }
}

impl SyntheticLog {
    /// A log of 200,000 rows from 2025-01-01 to 2026-07-01.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let day = |days: i64| {
            Timestamp::UNIX_EPOCH
                .saturating_add(SignedDuration::from_hours(24 * days))
                .unwrap_or(Timestamp::UNIX_EPOCH)
        };
        // 20,089 days from 1970-01-01 to 2025-01-01, 20,635 to 2026-07-01.
        Self {
            seed,
            rows: 200_000,
            span: SyntheticSpan {
                start: day(20_089),
                end: day(20_635),
            },
        }
    }

    /// The number of rows.
    #[must_use]
    pub const fn rows(mut self, rows: u64) -> Self {
        self.rows = rows;
        self
    }

    /// The time that the log covers.
    #[must_use]
    pub const fn span(mut self, span: SyntheticSpan) -> Self {
        self.span = span;
        self
    }

    /// Writes the log as CSV and says what was planted in it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Output`](crate::ErrorKind::Output) when writing fails.
    pub fn write<W: Write>(&self, mut output: W) -> Result<Planted> {
        output
            .write_all("\u{feff}".as_bytes())
            .map_err(|e| Error::writing("the log", e))?;
        let mut csv = csv::WriterBuilder::new()
            .buffer_capacity(1 << 18)
            .from_writer(output);
        let failed = |e: csv::Error| Error::writing("the log", e);
        csv.write_record(LABELS).map_err(failed)?;
        let mut random = Random(self.seed);
        let mut planted = Planted::default();
        let seconds = self
            .span
            .end
            .as_second()
            .saturating_sub(self.span.start.as_second())
            .max(1);
        while planted.rows < self.rows {
            let share = planted.rows as f64 / self.rows as f64;
            let jitter = i64::try_from(random.below(600)).unwrap_or(0);
            // Exports run from the newest row to the oldest one in some agencies; this one runs forward.
            let at = self
                .span
                .start
                .as_second()
                .saturating_add((share * seconds as f64) as i64)
                .saturating_add(jitter);
            let time = Timestamp::from_second(at).unwrap_or(self.span.start);
            let broken_before = planted.broken;
            let row = row(&mut random, time, &mut planted);
            let broken = planted.broken > broken_before;
            csv.write_record(&row).map_err(failed)?;
            planted.rows += 1;
            // A row that cannot be read cannot be known to repeat another.
            if random.chance(6) && planted.rows < self.rows && !broken {
                csv.write_record(&row).map_err(failed)?;
                planted.rows += 1;
                planted.duplicates += 1;
            }
        }
        csv.flush().map_err(|e| Error::writing("the log", e))?;
        Ok(planted)
    }
}

/// The superset, with the blank that real files have before every label but the first.
const LABELS: [&str; 14] = [
    "ID",
    " Name",
    " Org Name",
    " Total Networks Searched",
    " Total Devices Searched",
    " Time Frame",
    " License Plate",
    " Reason",
    " Case #",
    " Filters",
    " Search Time",
    " Search Type",
    " Text Prompt",
    " Moderation",
];

const CITIES: [&str; 24] = [
    "Maple Falls",
    "Harbor Point",
    "Stonebrook",
    "Clearwater Bend",
    "Northgate",
    "Willow Creek",
    "Fairhaven",
    "Cedar Mills",
    "Granite Hills",
    "Lakeview Heights",
    "Riverton Oaks",
    "Pinecrest",
    "Eastmoor",
    "Silver Prairie",
    "Kingsford",
    "Bellmont",
    "Oakridge",
    "Summit Grove",
    "Westfall",
    "Brookhaven",
    "Elm Hollow",
    "Foxborough",
    "Glenwood Park",
    "Highland Mesa",
];
const ELSEWHERE: [&str; 16] = [
    "TX", "FL", "MO", "IN", "GA", "TN", "KY", "AZ", "OK", "SC", "IA", "OH", "WI", "KS", "AL", "LA",
];

const CRIMES: [&str; 40] = [
    "stolen vehicle",
    "Stolen veh",
    "burglary",
    "Burglary to vehicle",
    "armed robbery suspect",
    "robbery",
    "homicide",
    "agg assault",
    "shots fired",
    "shooting",
    "hit and run",
    "H&R",
    "fleeing and eluding",
    "missing person",
    "missing juvenile",
    "amber alert",
    "narcotics",
    "drug investigation",
    "fentanyl",
    "retail theft",
    "shoplifting",
    "theft from auto",
    "carjacking",
    "DV suspect",
    "domestic battery",
    "warrant",
    "felony warrant",
    "wanted person",
    "fraud",
    "ID theft",
    "catalytic converter theft",
    "arson",
    "criminal damage",
    "kidnapping",
    "sex offense",
    "human trafficking",
    "welfare check suicidal subject",
    "police pursuit",
    "office burglary",
    "crash on black ice, left scene",
];
const MENU: [&str; 14] = [
    "Motor Vehicle Theft/Stolen",
    "Burglary/Breaking & Entering",
    "Larceny/Theft Offenses",
    "Drugs/Narcotics",
    "Homicide/Death Investigation",
    "Hit and Run/Car Accident",
    "Assault/Battery Offenses",
    "Assault/Battery Offenses (Domestic)",
    "Weapons Offense (Guns/Shots Fired)",
    "Wanted Person (Arrest Warrant/Fugitive)",
    "Stolen Property Offenses",
    "Welfare Check",
    "Obstructing the Police (Fleeing/Eluding)",
    "Sex Offenses",
];
const IMMIGRATION: [&str; 22] = [
    "immigration",
    "IMMIGRATION VIOLATION",
    "Immigration Inv",
    "ICE WARRANT",
    "ICE detainer",
    "ICE+ERO",
    "assist ICE with locate",
    "I.C.E.",
    "i c e",
    "ice administrative warrant",
    "imigration",
    "immigartion",
    "criminal alien",
    "deportation warrant",
    "visa overstay",
    "ICE pick up",
    "undocumented driver",
    "8 USC 1326",
    "287(g)",
    "removal order",
    "immigration enforcement",
    "1mm1gration",
];
const FEDERAL_BODY: [&str; 9] = [
    "HSI",
    "HSI ASSIST",
    "Assist HSI",
    "CBP Assist",
    "Border Patrol",
    "ICE",
    "HSI request - ongoing",
    "USBP",
    "Homeland Security",
];
const FEDERAL_CRIME: [&str; 6] = [
    "HSI Narcotics Investigation",
    "HSI - Drug lead",
    "HSI human trafficking",
    "DEA narcotics",
    "assist FBI bank robbery",
    "USMS fugitive homicide",
];
const PROTECTED: [&str; 7] = [
    "2025 PROTEST",
    "No Kings",
    "50501",
    "protesters downtown",
    "had an abortion, search for female",
    "abortion",
    "political signs",
];
const VAGUE: [&str; 12] = [
    "inv",
    "invest",
    "investigation",
    "case",
    ".",
    "x",
    "test",
    "n/a",
    "sus veh",
    "police",
    "assist other agency",
    "follow up",
];

/// One row of the log, cell by cell; the order of the draws is part of the format, since a seed stands for bytes.
fn row(random: &mut Random, time: Timestamp, planted: &mut Planted) -> [String; 14] {
    let (org, home) = agency(random, planted);
    let plate = plate(random);
    let case = case(random);
    let reason = reason(random, time, home, &plate, &case, planted);
    let frame = frame(random, time);
    let kind = random.pick(&KINDS);
    let freeform = kind == "freeform";
    let masked = random.chance(300);
    let broken = random.chance(1);
    planted.broken += u64::from(broken);
    let networks = networks(random);
    let when_freeform = |text: &str| {
        if freeform {
            text.to_owned()
        } else {
            String::new()
        }
    };
    [
        uuid(random),
        officer(random, masked),
        org,
        networks.to_string(),
        if random.chance(200) {
            "——".to_owned()
        } else {
            (networks * 12).to_string()
        },
        frame,
        plate_cell(random, plate, freeform, masked),
        reason,
        if masked && !case.is_empty() {
            "REDACTED".to_owned()
        } else {
            case
        },
        if random.chance(200) {
            random.pick(&FILTERS).to_owned()
        } else {
            String::new()
        },
        if broken {
            random.pick(&["", "***", "pending"]).to_owned()
        } else {
            format_time(time)
        },
        kind.to_owned(),
        if freeform {
            random.pick(&PROMPTS).to_owned()
        } else {
            String::new()
        },
        when_freeform("allow"),
    ]
}

const KINDS: [&str; 10] = [
    "lookup",
    "lookup",
    "lookup",
    "search",
    "lookup - Mobile",
    "convoy",
    "visual",
    "multiGeo",
    "apiLookup",
    "freeform",
];
const FILTERS: [&str; 4] = [
    "suvgmcblack",
    "SUVNissanwhite",
    "sedantoyotasilver",
    "pickupfordred",
];
const PROMPTS: [&str; 3] = [
    "white van with ladder rack",
    "red pickup with dent",
    "blue sedan, roof box",
];

fn case(random: &mut Random) -> String {
    if random.chance(620) {
        format!(
            "{}-{:06}",
            if random.chance(500) { 25 } else { 26 },
            random.below(1_000_000)
        )
    } else {
        String::new()
    }
}

fn frame(random: &mut Random, time: Timestamp) -> String {
    let days = i64::try_from(1 + random.below(30)).unwrap_or(1);
    let start = time
        .saturating_sub(SignedDuration::from_hours(24 * days))
        .unwrap_or(time);
    // About half of the windows of one real log end after the search; a few end before they start.
    let end = time
        .saturating_add(SignedDuration::from_secs(if random.chance(450) {
            60
        } else {
            0
        }))
        .unwrap_or(time);
    let (start, end) = if random.chance(1) {
        (end, start)
    } else {
        (start, end)
    };
    let breaks = random.pick(&["\n", "\r\n", "\r", " to "]);
    format!("{}{breaks}{}", format_time(start), format_time(end))
}

fn networks(random: &mut Random) -> usize {
    let reach = if random.chance(300) { 6_000 } else { 200 };
    if random.chance(150) {
        0
    } else {
        1 + random.below(reach)
    }
}

fn uuid(random: &mut Random) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        random.next() >> 32,
        random.below(65_536),
        random.below(4_096),
        random.below(4_096),
        random.next() >> 16
    )
}

fn officer(random: &mut Random, masked: bool) -> String {
    if masked {
        return "***".to_owned();
    }
    let initial = random.pick(&["A", "B", "C", "D", "J", "K", "M", "R", "S", "T"]);
    let name = random.pick(&[
        "Alder", "Birch", "Cypress", "Dogwood", "Elder", "Fir", "Ginkgo", "Hazel", "Juniper",
        "Linden", "Maple", "Rowan",
    ]);
    format!("{initial}. {name}")
}

fn plate_cell(random: &mut Random, plate: String, freeform: bool, masked: bool) -> String {
    if freeform {
        String::new()
    } else if masked {
        "***".to_owned()
    } else if random.chance(60) {
        format!("{}*", plate.get(..4).unwrap_or(&plate))
    } else {
        plate
    }
}

/// The agency, and whether it is of Illinois.
fn agency(random: &mut Random, planted: &mut Planted) -> (String, bool) {
    if random.chance(4) {
        planted.barred_accounts += 1;
        return (
            random
                .pick(&[
                    "[Federal] US Border Patrol - Lakes Sector",
                    "[Federal] HSI Midwest",
                ])
                .to_owned(),
            false,
        );
    }
    let home = random.chance(700);
    // A few agencies search far more than the others.
    let index = random.below(CITIES.len()).min(random.below(CITIES.len()));
    let city = CITIES.get(index).copied().unwrap_or("Maple Falls");
    let state = if home {
        "IL"
    } else {
        ELSEWHERE
            .get((index * 7 + random.below(3)) % ELSEWHERE.len())
            .copied()
            .unwrap_or("TX")
    };
    let kind = if index % 5 == 4 { "County" } else { "" };
    let unit = if index % 5 == 4 { "SO" } else { "PD" };
    let name = [city, kind, state, unit]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if !home && random.chance(3) {
        planted.barred_accounts += 1;
        return (format!("{name} [Inactive]"), false);
    }
    (name, home)
}

fn plate(random: &mut Random) -> String {
    let mut text = String::with_capacity(7);
    for _ in 0..3 {
        text.push(char::from(
            b'A' + u8::try_from(random.below(26)).unwrap_or(0),
        ));
    }
    text.push_str(&format!("{:04}", random.below(10_000)));
    text
}

fn reason(
    random: &mut Random,
    time: Timestamp,
    home: bool,
    plate: &str,
    case: &str,
    planted: &mut Planted,
) -> String {
    // 2026-01-01: from then on the menu fills the cell.
    let menu_era = time.as_second() >= 1_767_225_600;
    let dice = random.below(10_000);
    let sensitive = if home { 20 } else { 120 };
    let free = if dice < sensitive {
        planted.immigration += 1;
        if menu_era && random.chance(400) {
            return "Immigration (civil/administrative) - ".to_owned();
        }
        random.pick(&IMMIGRATION).to_owned()
    } else if dice < sensitive + 90 {
        planted.federal_body += 1;
        random.pick(&FEDERAL_BODY).to_owned()
    } else if dice < sensitive + 190 {
        random.pick(&FEDERAL_CRIME).to_owned()
    } else if dice < sensitive + 200 {
        planted.protected += 1;
        random.pick(&PROTECTED).to_owned()
    } else if dice < sensitive + 800 && !menu_era {
        planted.vague += 1;
        random.pick(&VAGUE).to_owned()
    } else if dice < sensitive + 1_300 {
        if case.is_empty() {
            format!("26-{:06}", random.below(1_000_000))
        } else {
            case.to_owned()
        }
    } else if dice < sensitive + 1_400 {
        return format!(
            "Dispatch quick search associated with Alert: Stolen Plate {plate} - {time}"
        );
    } else if menu_era {
        return format!(
            "{} - {}",
            random.pick(&MENU),
            if random.chance(150) {
                random.pick(&CRIMES)
            } else {
                ""
            }
        );
    } else {
        let crime = random.pick(&CRIMES);
        return if random.chance(300) {
            format!("{crime} {case}").trim().to_owned()
        } else {
            crime.to_owned()
        };
    };
    if menu_era && random.chance(500) {
        format!("{} - {free}", random.pick(&MENU))
    } else {
        free
    }
}
