//! One row of the table: a figure, its baseline in the same run, and whether the target holds.

use serde_json::json;

/// What a row has to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// Nothing is promised.
    None,
    /// Value over baseline.
    RatioAtLeast(f64),
    /// The value itself.
    AtLeast(f64),
    /// The value itself.
    AtMost(f64),
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Row {
    /// Name, the same in every run.
    pub name: String,
    /// What it is, in a few words.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The figure beside it, in the same unit, and whose it is.
    pub baseline: Option<(f64, &'static str)>,
    /// What is to be reached.
    pub target: Target,
    /// What else a reader has to know.
    pub note: String,
}

impl Row {
    /// A figure of its own.
    pub fn new(name: &str, what: &str, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            what: what.to_owned(),
            value,
            unit,
            baseline: None,
            target: Target::None,
            note: String::new(),
        }
    }

    /// The same beside a baseline.
    #[must_use]
    pub fn beside(mut self, baseline: f64, whose: &'static str) -> Self {
        self.baseline = Some((baseline, whose));
        self
    }

    /// The same with a target.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// The same with a remark.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Value over baseline.
    pub fn ratio(&self) -> Option<f64> {
        self.baseline
            .filter(|(baseline, _)| *baseline > 0.0)
            .map(|(baseline, _)| self.value / baseline)
    }

    /// Whether the target holds; none where there is none.
    pub fn holds(&self) -> Option<bool> {
        match self.target {
            Target::None => None,
            Target::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Target::AtLeast(least) => Some(self.value >= least),
            Target::AtMost(most) => Some(self.value <= most),
        }
    }

    /// One line of JSON.
    pub fn json(&self) -> String {
        json!({
            "name": self.name,
            "value": rounded(self.value),
            "unit": self.unit,
            "baseline": self.baseline.map(|(value, _)| rounded(value)),
            "ratio": self.ratio().map(rounded),
            "holds": self.holds(),
        })
        .to_string()
    }

    /// The target in words.
    pub fn target_words(&self) -> String {
        match self.target {
            Target::None => "–".to_owned(),
            Target::RatioAtLeast(least) => format!("≥ {least} × baseline"),
            Target::AtLeast(least) => format!("≥ {} {}", figure(least), self.unit),
            Target::AtMost(most) => format!("≤ {} {}", figure(most), self.unit),
        }
    }

    /// Its cells: name, what, value, baseline, ratio, target, whether it holds.
    pub fn cells(&self) -> [String; 7] {
        let holds = match self.holds() {
            None => "–",
            Some(true) => "yes",
            Some(false) => "**no**",
        };
        [
            format!("`{}`", self.name),
            self.what.clone(),
            format!("{} {}", figure(self.value), self.unit),
            self.baseline.map_or_else(
                || "–".to_owned(),
                |(value, whose)| format!("{} ({whose})", figure(value)),
            ),
            self.ratio()
                .map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")),
            self.target_words(),
            holds.to_owned(),
        ]
    }
}

/// Four significant digits are more than any of this repeats.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// A number as a person reads it.
pub fn figure(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{}", rounded(value));
    }
    let whole = format!("{:.0}", rounded(value));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_its_target_holds() {
        let row = Row::new("append_1", "x", 80.0, "events/s").beside(100.0, "file");
        assert_eq!(row.holds(), None);
        assert_eq!(
            row.clone().target(Target::RatioAtLeast(0.8)).holds(),
            Some(true)
        );
        assert_eq!(
            row.clone().target(Target::RatioAtLeast(0.81)).holds(),
            Some(false)
        );
        assert_eq!(
            row.clone().target(Target::AtMost(79.0)).holds(),
            Some(false)
        );
        assert_eq!(row.target(Target::AtLeast(80.0)).holds(), Some(true));
    }

    #[test]
    fn a_row_is_one_json_object_with_the_five_names() {
        let row = Row::new("import", "x", 12_345.678, "records/s");
        let read: serde_json::Value = serde_json::from_str(&row.json()).expect("JSON");
        assert_eq!(read["name"], "import");
        assert_eq!(read["value"], 12_350.0);
        assert!(read["baseline"].is_null() && read["ratio"].is_null());
        assert_eq!(read["unit"], "records/s");
    }

    #[test]
    fn figures_are_grouped_and_short() {
        assert_eq!(figure(1_234_567.0), "1,235,000");
        assert_eq!(figure(512.4), "512");
        assert_eq!(figure(0.012_345), "0.01235");
    }
}
