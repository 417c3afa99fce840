//! A table of texts, for a terminal or for a document in Markdown.

/// A table: the first column is text, all others are numbers.
pub(crate) struct Grid {
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Grid {
    pub(crate) fn new(title: &str, head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { title: title.to_owned(), head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Columns in line, for a terminal.
    pub(crate) fn text(&self) -> String {
        let line = |cells: &Vec<String>| {
            let cells = cells.iter().enumerate().map(|(column, cell)| match column {
                0 => format!("{cell:<width$}", width = self.width(column)),
                _ => format!("{cell:>width$}", width = self.width(column)),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        let rows: String = self.rows.iter().map(line).collect();
        format!("{}\n{}{rows}", self.title, line(&self.head))
    }

    /// The same in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &Vec<String>| format!("| {} |\n", cells.join(" | "));
        let rule = "| --- |".to_owned() + &" --: |".repeat(self.head.len() - 1);
        let rows: String = self.rows.iter().map(line).collect();
        format!("**{}**\n\n{}{rule}\n{rows}", self.title, line(&self.head))
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().chain([&self.head]);
        cells.filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    }
}

/// A number with as many places as it is worth, in groups of three.
pub(crate) fn number(value: f64) -> String {
    let rounded = value.round() as i64;
    if value.abs() < 9.95 && (value - rounded as f64).abs() >= 0.05 {
        return format!("{value:.1}");
    }
    let digits = rounded.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if rounded < 0 { format!("-{text}") } else { text }
}

/// How many times as much.
pub(crate) fn ratio(value: f64) -> String {
    match value.abs() {
        ratio if ratio < 0.1 => format!("{value:.3}"),
        ratio if ratio < 10.0 => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    }
}

/// What stands where there is no number.
pub(crate) fn nothing() -> String {
    "-".to_owned()
}

#[test]
fn numbers_are_as_long_as_they_are_worth() {
    let table = [
        (0.0, "0"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (5.01, "5"),
        (9.96, "10"),
        (1234.4, "1,234"),
        (-1234567.0, "-1,234,567"),
    ];
    for (value, expected) in table {
        assert_eq!(number(value), expected);
    }
}
