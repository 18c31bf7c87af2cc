//! Lines over time as a picture of its own: a panel for each, the same time below all of them.

/// One panel.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it shows.
    pub label: String,
    /// Time and figure.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 120.0;
const LEFT: f64 = 70.0;
const GAP: f64 = 34.0;

/// The picture.
pub fn graph(time: &str, lines: &[Line]) -> String {
    let all = HEIGHT * lines.len() as f64 + GAP * (lines.len() + 1) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {all}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        LEFT + WIDTH + 20.0
    );
    let end = lines
        .iter()
        .flat_map(|line| line.points.last())
        .map(|(at, _)| *at)
        .fold(1e-9, f64::max);
    for (place, line) in lines.iter().enumerate() {
        let top = GAP + place as f64 * (HEIGHT + GAP);
        out += &panel(line, top, end);
    }
    let bottom = all - 12.0;
    out += &format!("<text x=\"{LEFT}\" y=\"{bottom}\">0</text>\n");
    let right = LEFT + WIDTH;
    out +=
        &format!("<text x=\"{right}\" y=\"{bottom}\" text-anchor=\"end\">{end:.0} {time}</text>\n");
    out + "</svg>\n"
}

/// From zero to the highest figure, so that nothing looks steeper than it is.
fn panel(line: &Line, top: f64, end: f64) -> String {
    let most = line.points.iter().map(|(_, y)| *y).fold(1e-9, f64::max);
    let points: Vec<String> = line
        .points
        .iter()
        .map(|(at, value)| {
            let x = LEFT + at / end * WIDTH;
            let y = top + HEIGHT - value.max(0.0) / most * HEIGHT;
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let (bottom, text) = (top + HEIGHT, top - 8.0);
    let (side, high) = (LEFT - 6.0, top + 10.0);
    let most = crate::row::figure(most);
    let points = points.join(" ");
    let label = line.label.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<text x=\"{LEFT}\" y=\"{text:.0}\">{label}</text>\n\
         <rect x=\"{LEFT}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#bbb\"/>\n\
         <text x=\"{side}\" y=\"{high}\" text-anchor=\"end\">{most}</text>\n\
         <text x=\"{side}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n\
         <polyline points=\"{points}\" fill=\"none\" stroke=\"#1a5fb4\" stroke-width=\"1.5\"/>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_line_for_each_panel_and_starts_at_zero() {
        let line = |label: &str| Line {
            label: label.to_owned(),
            points: vec![(0.0, 0.0), (10.0, 50.0)],
        };
        let picture = graph("minutes", &[line("a < b"), line("c")]);
        assert_eq!(picture.matches("<polyline").count(), 2);
        assert!(picture.contains("a &lt; b") && picture.contains("10 minutes"));
        assert!(picture.contains("70.0,154.0 870.0,34.0"), "{picture}");
    }
}
